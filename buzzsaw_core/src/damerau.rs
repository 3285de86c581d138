//! The unrestricted Damerau-Levenshtein distance of two strings of code points.
//!
//! Where the optimal string alignment exchanges two neighbours that nothing else edits, here more may be put between or
//! taken out from between them: `ca` is two edits from `abc`. Time is the product of the lengths, memory linear (Zhao and
//! Sahni, "String correction using the Damerau-Levenshtein distance", 2019).

use crate::edit_distance::{Alphabet, Symbol};

/// Memory that is reused.
#[derive(Clone, Debug, Default)]
pub(crate) struct Damerau {
    /// For each symbol the last row, from 1, where the first string has it; -1 for none.
    last_rows: Vec<i32>,
    /// Two rows of the table, each with a cell more in front.
    above: Vec<i32>,
    row: Vec<i32>,
    /// For each column the cell two above and two to the left of where an exchange would end.
    before: Vec<i32>,
}

impl Damerau {
    /// The fewest insertions, deletions, replacements and exchanges that make `text` of `string`, whose symbols are
    /// those of `alphabet`. Both have at most 2^30 symbols.
    pub(crate) fn distance(&mut self, alphabet: &Alphabet, string: &[Symbol], text: &[Symbol]) -> usize {
        let (string, text) = without_common_ends(string, text);
        if string.is_empty() || text.is_empty() {
            return string.len().max(text.len());
        }
        let (length, width) = (string.len() as i32, text.len() as i32);
        let most = length.max(width) + 1;
        self.last_rows.resize(alphabet.size(), -1);
        let mut cells = std::mem::take(&mut self.row);
        let mut above = std::mem::take(&mut self.above);
        for row in [&mut above, &mut self.before] {
            row.clear();
            row.resize(text.len() + 2, most);
        }
        cells.clear();
        cells.push(most);
        cells.extend(0..=width);
        for (i, symbol) in (1..).zip(string) {
            std::mem::swap(&mut cells, &mut above);
            // The last column where the text has the symbol.
            let mut last_column = -1;
            let mut corner = cells[1];
            cells[1] = i;
            // The cell where an exchange that ends in this row starts.
            let mut start = most;
            for (j, other) in (1..).zip(text) {
                let at = j as usize + 1;
                let replaced = above[at - 1] + i32::from(symbol != other);
                let mut best = replaced.min(cells[at - 1] + 1).min(above[at] + 1);
                if symbol == other {
                    last_column = j;
                    self.before[at] = above[at - 2];
                    start = corner;
                } else {
                    let last_row = self.last_rows[usize::from(*other)];
                    if j - last_column == 1 {
                        best = best.min(self.before[at] + (i - last_row));
                    } else if i - last_row == 1 {
                        best = best.min(start + (j - last_column));
                    }
                }
                corner = cells[at];
                cells[at] = best;
            }
            self.last_rows[usize::from(*symbol)] = i;
        }
        let distance = cells[text.len() + 1];
        for symbol in string {
            self.last_rows[usize::from(*symbol)] = -1;
        }
        (self.row, self.above) = (cells, above);
        distance as usize
    }
}

/// Both without what they begin and end with alike, which never takes an edit.
fn without_common_ends<'a>(a: &'a [Symbol], b: &'a [Symbol]) -> (&'a [Symbol], &'a [Symbol]) {
    let front = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[front..], &b[front..]);
    let back = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    (&a[..a.len() - back], &b[..b.len() - back])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table by the definition (Lowrance and Wagner, 1975): every pair of places that could be exchanged.
    fn slow(a: &[char], b: &[char]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                if i == 0 || j == 0 {
                    table[i][j] = i + j;
                    continue;
                }
                let replaced = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut best = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                for k in 1..i {
                    for l in 1..j {
                        if a[k - 1] == b[j - 1] && a[i - 1] == b[l - 1] {
                            best = best.min(table[k - 1][l - 1] + (i - k - 1) + 1 + (j - l - 1));
                        }
                    }
                }
                table[i][j] = best;
            }
        }
        table[a.len()][b.len()]
    }

    #[test]
    fn two_rows_give_the_table_s_last_cell() {
        let (mut alphabet, mut damerau, mut state) = (Alphabet::default(), Damerau::default(), 1_u64);
        let mut draw = |most: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % most
        };
        let letters = ['a', 'b', 'c', '\u{e9}', 'x', '\u{10ffff}'];
        for _ in 0..3000 {
            let few = 1 + draw(letters.len());
            let mut string = || -> Vec<char> { (0..draw(12)).map(|_| letters[draw(few)]).collect() };
            let (a, b) = (string(), string());
            alphabet.learn(a.iter().copied());
            let [x, y]: [Vec<Symbol>; 2] =
                [&a, &b].map(|text| text.iter().map(|letter| alphabet.symbol(*letter)).collect());
            assert_eq!(damerau.distance(&alphabet, &x, &y), slow(&a, &b), "{a:?} {b:?}");
            assert!(damerau.last_rows.iter().all(|row| *row == -1));
        }
    }
}
