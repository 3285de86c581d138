//! The one error table: every kind with its stable code, and the error value all runtimes carry.
//!
//! Python exceptions and Java's are generated from [`ErrorKind::ALL`]; a test holds the three sets equal.

use std::cell::Cell;
use std::fmt;

use serde::Serialize;

thread_local! {
    /// The step in which the panic began that is on its way to a guard.
    static PANIC_PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// Notes in which step a panic began, for the guard of a binding.
pub(crate) struct Within<'a>(pub &'a str);

impl Drop for Within<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            PANIC_PLACE.set(Some(format!("steps.{}", self.0)));
        }
    }
}

/// A result whose error carries code, place and hint.
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! error_kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $code:literal),+ $(,)?) => {
        /// What went wrong, as a stable code that every runtime shares.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ErrorKind { $($(#[doc = $doc])+ $kind),+ }

        impl ErrorKind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$kind),+];

            /// The stable code, such as `BZ_MISSING_INPUT`.
            pub const fn code(self) -> &'static str {
                match self { $(ErrorKind::$kind => $code),+ }
            }

            /// The name that bindings build their exception classes from, such as `MissingInput`.
            pub const fn name(self) -> &'static str {
                match self { $(ErrorKind::$kind => stringify!($kind)),+ }
            }

            /// What the kind means, one sentence.
            pub const fn description(self) -> &'static str {
                match self { $(ErrorKind::$kind => concat!($($doc),+).trim_ascii()),+ }
            }
        }
    };
}

error_kinds! {
    /// The feature spec is malformed or contradicts itself.
    InvalidSpec = "BZ_INVALID_SPEC",
    /// The spec names a transform, or a version of one, that this library does not have.
    UnknownTransform = "BZ_UNKNOWN_TRANSFORM",
    /// A column, a group or a role that the spec needs was not given.
    MissingInput = "BZ_MISSING_INPUT",
    /// A value has a type that its place does not take.
    TypeMismatch = "BZ_TYPE_MISMATCH",
    /// A value has the right type and is out of its range.
    InvalidValue = "BZ_INVALID_VALUE",
    /// The pipeline has steps whose state was never learnt.
    NotFitted = "BZ_NOT_FITTED",
    /// The artifact is truncated, tampered with, or not an artifact.
    CorruptArtifact = "BZ_CORRUPT_ARTIFACT",
    /// The artifact or spec was written by a library of another version.
    UnsupportedVersion = "BZ_UNSUPPORTED_VERSION",
    /// A size or count is past a stated limit.
    ResourceLimit = "BZ_RESOURCE_LIMIT",
    /// The work did not end in its time, or was interrupted.
    Timeout = "BZ_TIMEOUT",
    /// The object was closed before this call.
    Closed = "BZ_CLOSED",
    /// The operating system refused a read or a write.
    Io = "BZ_IO",
    /// A defect of the library itself.
    Internal = "BZ_INTERNAL",
}

impl Serialize for ErrorKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// One thing that is wrong, with its place and a hint how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The kind; serialised as its stable code.
    #[serde(rename = "code")]
    pub kind: ErrorKind,
    /// What is wrong, one sentence without the place.
    pub message: String,
    /// Where, as a path such as `steps.title_bm25.inputs[1]`; empty when there is no narrower place.
    pub place: String,
    /// How to mend it; empty when there is nothing to add.
    pub hint: String,
}

impl Problem {
    /// A problem without place or hint.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            place: String::new(),
            hint: String::new(),
        }
    }

    /// The same problem at `place`.
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }

    /// The same problem with a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.kind.code())?;
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.message)?;
        if !self.hint.is_empty() {
            write!(f, " ({})", self.hint)?;
        }
        Ok(())
    }
}

/// One or more problems; the first one's kind is the error's.
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    problems: Vec<Problem>,
    backtrace: Option<String>,
}

impl Error {
    /// An error of one problem.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Problem::new(kind, message).into()
    }

    /// An error of all `problems`, or `Ok` when there are none.
    pub fn check(problems: Vec<Problem>) -> Result<()> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self(Box::new(Inner {
                problems,
                backtrace: None,
            })))
        }
    }

    /// A panic that the guard of a binding caught in this thread, at the step in which it began.
    pub fn panicked(message: impl Into<String>, backtrace: String) -> Self {
        let place = PANIC_PLACE.take().unwrap_or_default();
        Self::internal(message, Some(backtrace)).at(place)
    }

    /// A defect of the library, with the backtrace that a caught panic left.
    pub fn internal(message: impl Into<String>, backtrace: Option<String>) -> Self {
        let mut error = Self::new(ErrorKind::Internal, message)
            .hint("this is a defect of the library; please report it with the backtrace");
        error.0.backtrace = backtrace;
        error
    }

    /// The same error with its first problem at `place`; an outer place goes before an inner one.
    pub fn at(mut self, place: impl Into<String>) -> Self {
        if let Some(first) = self.0.problems.first_mut() {
            let outer = place.into();
            first.place = match (outer.is_empty(), first.place.is_empty()) {
                (true, _) => std::mem::take(&mut first.place),
                (_, true) => outer,
                _ if first.place.starts_with('[') => format!("{outer}{}", first.place),
                _ => format!("{outer}.{}", first.place),
            };
        }
        self
    }

    /// The same error with a hint on its first problem.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Some(first) = self.0.problems.first_mut() {
            first.hint = hint.into();
        }
        self
    }

    /// The kind of the first problem.
    pub fn kind(&self) -> ErrorKind {
        self.0.problems.first().map_or(ErrorKind::Internal, |p| p.kind)
    }

    /// All problems, in the order they were found.
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// The problems by value.
    pub fn into_problems(self) -> Vec<Problem> {
        self.0.problems
    }

    /// The Rust backtrace of a caught panic, where there was one.
    pub fn backtrace(&self) -> Option<&str> {
        self.0.backtrace.as_deref()
    }

    /// The problems as a canonical JSON array of `{code, message, place, hint}`.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.0.problems).unwrap_or_else(|_| "[]".into())
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self(Box::new(Inner {
            problems: vec![problem],
            backtrace: None,
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.problems.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<crate::text::Overflow> for Error {
    fn from(overflow: crate::text::Overflow) -> Self {
        Self::new(ErrorKind::ResourceLimit, overflow.to_string()).hint(overflow.hint())
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_prefixed() {
        let mut codes: Vec<_> = ErrorKind::ALL.iter().map(|k| k.code()).collect();
        assert!(codes.iter().all(|c| c.starts_with("BZ_")));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ErrorKind::ALL.len());
    }

    #[test]
    fn places_nest_from_the_outside_in() {
        let error = Error::new(ErrorKind::InvalidValue, "no")
            .at("[3]")
            .at("inputs.title");
        assert_eq!(error.problems()[0].place, "inputs.title[3]");
        assert_eq!(
            error.clone().at("frame").problems()[0].place,
            "frame.inputs.title[3]"
        );
        assert_eq!(error.to_string(), "BZ_INVALID_VALUE: inputs.title[3]: no");
    }

    #[test]
    fn json_carries_the_code() {
        let json = Error::new(ErrorKind::Closed, "closed").hint("open it").to_json();
        assert_eq!(
            json,
            r#"[{"code":"BZ_CLOSED","message":"closed","place":"","hint":"open it"}]"#
        );
    }
}
