//! What is done to text before it is split: HTML, normalization form, case, accents, in this order.

use super::html::{self, Html, HtmlScratch};
use super::normalize::{self, Normalize};
use super::spec::Fold;
use super::{fold, java, python_words};

/// The steps, each of which may be none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CharFilters {
    pub(crate) html: Html,
    pub(crate) normalize: Normalize,
    pub(crate) fold: Fold,
    pub(crate) strip_accents: bool,
}

/// Memory that the steps reuse; one a thread.
#[derive(Debug, Default)]
pub(crate) struct CharScratch {
    text: String,
    next: String,
    html: HtmlScratch,
}

impl CharFilters {
    /// Whether no step but the folding can change the text.
    #[inline]
    pub(super) fn only_fold(&self, text: &[u8]) -> bool {
        let markup = self.html == Html::Strip;
        if self.normalize == Normalize::None && !self.strip_accents {
            return !markup || !html::may_have_markup(text);
        }
        text.is_ascii() && !(markup && html::may_have_markup(text))
    }

    /// The text after all steps.
    pub(crate) fn apply<'a>(&self, text: &str, scratch: &'a mut CharScratch) -> &'a str {
        let CharScratch {
            text: current,
            next,
            html,
        } = scratch;
        current.clear();
        if self.html == Html::Strip {
            html::strip(text, current, html);
        } else {
            current.push_str(text);
        }
        if self.normalize != Normalize::None && !current.is_ascii() {
            next.clear();
            normalize::normalize(self.normalize, current, next);
            std::mem::swap(current, next);
        }
        if self.fold != Fold::None {
            fold_into(self.fold, current, next);
            std::mem::swap(current, next);
        }
        if self.strip_accents && !current.is_ascii() {
            next.clear();
            normalize::strip_accents(current, next);
            std::mem::swap(current, next);
        }
        // The two change places from text to text: as large as each other, neither grows the second time.
        next.clear();
        next.reserve_exact(current.capacity());
        current.reserve_exact(next.capacity() - current.len());
        current
    }

    /// The steps for a word of a list: all but HTML.
    pub(super) fn for_words(&self) -> Self {
        Self {
            html: Html::None,
            ..*self
        }
    }
}

/// Replaces the contents of `folded` by the folded text.
pub(super) fn fold_into(case: Fold, text: &str, folded: &mut String) {
    match case {
        Fold::CaseFold => fold::case_fold(text, folded),
        Fold::PythonLower => python_words::lower(text, folded),
        Fold::JavaLower => {
            folded.clear();
            java::lower(text, folded);
        }
        Fold::None => {
            folded.clear();
            folded.push_str(text);
        }
    }
}
