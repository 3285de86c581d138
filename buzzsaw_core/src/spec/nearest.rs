//! The nearest known name to one that is not known, for hints.

/// The known name nearest to `name`, when it is near enough to be a slip of the hand.
///
/// Nearness is Jaro-Winkler similarity of at least 0.8, or one name holding the other.
pub fn find<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let score = |candidate: &str| {
        let similarity = strsim::jaro_winkler(name, candidate);
        let holds = name.len() >= 3 && (candidate.contains(name) || name.contains(candidate));
        if holds { similarity.max(0.8) } else { similarity }
    };
    let mut best: Option<(f64, &str)> = None;
    for candidate in known {
        let similarity = score(candidate);
        if similarity >= 0.8 && best.is_none_or(|(top, _)| similarity > top) {
            best = Some((similarity, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// A hint that names the nearest known name, or lists all of them when none is near.
pub fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    const LISTED: usize = 20;
    let known: Vec<&str> = known.into_iter().collect();
    match find(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "nothing is known here".to_owned(),
        None if known.len() > LISTED => format!("{} names are known, none is near", known.len()),
        None => format!("known: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_strangers_are_listed() {
        let known = ["tokenize", "bm25", "log1p"];
        assert_eq!(find("tokenise", known), Some("tokenize"));
        assert_eq!(find("log", known), Some("log1p"));
        assert_eq!(find("zzz", known), None);
        assert_eq!(hint("zzz", known), "known: tokenize, bm25, log1p");
        assert_eq!(hint("bm52", known), "did you mean `bm25`?");
    }
}
