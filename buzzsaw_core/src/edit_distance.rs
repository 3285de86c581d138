//! Edit distances and Jaro similarity of two strings of code points, 64 code points of one of them at a time.
//!
//! The code points of the first string, the pattern, become small numbers (its alphabet), and each of them a mask of
//! the positions where it stands. A column of the distance table is then a few words: where it is one more or one less
//! than the cell above (Myers, "A fast bit-vector algorithm for approximate string matching based on dynamic
//! programming", 1999; Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", 2003).
//! Memory is linear in the strings, but for the masks: the alphabet times a 64th of the pattern.

/// The number of a code point in the alphabet of the patterns; 0 for one that is in none.
pub(crate) type Symbol = u16;

const ASCII: usize = 128;

/// The code points of some strings, numbered from 1.
#[derive(Clone, Debug)]
pub(crate) struct Alphabet {
    ascii: [Symbol; ASCII],
    /// The others, ascending, and the number of the first of them.
    others: Vec<char>,
    first: Symbol,
}

impl Default for Alphabet {
    fn default() -> Self {
        Self {
            ascii: [0; ASCII],
            others: Vec::new(),
            first: 1,
        }
    }
}

impl Alphabet {
    /// Makes the alphabet that of `text`, of fewer than 2^16 - 1 different code points.
    pub(crate) fn learn(&mut self, text: impl Iterator<Item = char>) {
        self.ascii = [0; ASCII];
        self.others.clear();
        self.first = 1;
        for letter in text {
            match self.ascii.get_mut(letter as usize) {
                Some(symbol) if *symbol == 0 => {
                    *symbol = self.first;
                    self.first += 1;
                }
                Some(_) => {}
                None => self.others.push(letter),
            }
        }
        self.others.sort_unstable();
        self.others.dedup();
    }

    /// How many numbers are in use, 0 included.
    pub(crate) fn size(&self) -> usize {
        usize::from(self.first) + self.others.len()
    }

    /// The number of a code point.
    #[inline]
    pub(crate) fn symbol(&self, letter: char) -> Symbol {
        match self.ascii.get(letter as usize) {
            Some(symbol) => *symbol,
            None => self
                .others
                .binary_search(&letter)
                .map_or(0, |at| self.first + at as Symbol),
        }
    }
}

/// The string that others are compared with, as masks of positions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pattern {
    /// For each symbol, `blocks` words.
    masks: Vec<u64>,
    blocks: usize,
    columns: Vec<Column>,
    matched: Vec<u64>,
    common: Vec<Symbol>,
}

/// 64 rows of a column of the table.
#[derive(Clone, Copy, Debug)]
struct Column {
    /// Where a cell is one more, and one less, than the cell above it.
    more: u64,
    less: u64,
    /// Where a cell equals its neighbour above and to the left.
    diagonal: u64,
}

const START: Column = Column {
    more: u64::MAX,
    less: 0,
    diagonal: 0,
};

/// What a column's upper words say to the next one.
struct Carry {
    grows: u64,
    falls: u64,
    exchanged: u64,
}

impl Default for Carry {
    /// The row above the first one grows by one a column.
    fn default() -> Self {
        Self {
            grows: 1,
            falls: 0,
            exchanged: 0,
        }
    }
}

impl Column {
    /// Makes it the next column, given where the pattern has the text's symbol and where it has the one before. Returns
    /// where a cell is one more, and one less, than its left neighbour.
    #[inline(always)]
    fn advance<const EXCHANGE: bool>(&mut self, equal: u64, before: u64, carry: &mut Carry) -> (u64, u64) {
        let exchange = if EXCHANGE {
            let apart = !self.diagonal & equal;
            let here = (apart << 1 | carry.exchanged) & before;
            carry.exchanged = apart >> 63;
            here
        } else {
            0
        };
        let reached = equal | carry.falls;
        let sum = (reached & self.more).wrapping_add(self.more);
        let diagonal = (sum ^ self.more) | reached | self.less | exchange;
        let (grows, falls) = (self.less | !(diagonal | self.more), diagonal & self.more);
        let (grows_below, falls_below) = (grows << 1 | carry.grows, falls << 1 | carry.falls);
        (carry.grows, carry.falls) = (grows >> 63, falls >> 63);
        *self = Self {
            more: falls_below | !(diagonal | grows_below),
            less: grows_below & diagonal,
            diagonal,
        };
        (grows, falls)
    }
}

impl Pattern {
    /// Sets the masks of `symbols`. The last string must have been taken away with [`Pattern::forget`].
    pub(crate) fn set(&mut self, symbols: &[Symbol], alphabet: &Alphabet) {
        self.blocks = symbols.len().div_ceil(64).max(1);
        let words = alphabet.size() * self.blocks;
        if self.masks.len() < words {
            self.masks.resize(words, 0);
        }
        for (i, symbol) in symbols.iter().enumerate() {
            self.masks[usize::from(*symbol) * self.blocks + i / 64] |= 1 << (i % 64);
        }
    }

    /// Takes `symbols` away, which were set last.
    pub(crate) fn forget(&mut self, symbols: &[Symbol]) {
        for (i, symbol) in symbols.iter().enumerate() {
            self.masks[usize::from(*symbol) * self.blocks + i / 64] = 0;
        }
    }

    fn mask(&self, symbol: Symbol) -> &[u64] {
        let start = usize::from(symbol) * self.blocks;
        &self.masks[start..start + self.blocks]
    }

    /// The fewest insertions, deletions and replacements that make `text` of the pattern of `length`.
    pub(crate) fn levenshtein(&mut self, length: usize, text: &[Symbol]) -> usize {
        self.distance::<false>(length, text)
    }

    /// As Levenshtein's, with exchanges of two neighbours, between which nothing else is edited.
    pub(crate) fn optimal_alignment(&mut self, length: usize, text: &[Symbol]) -> usize {
        self.distance::<true>(length, text)
    }

    fn distance<const EXCHANGE: bool>(&mut self, length: usize, text: &[Symbol]) -> usize {
        if length == 0 {
            return text.len();
        }
        let last = (length - 1) % 64;
        let mut distance = length;
        let mut count = |(grows, falls): (u64, u64)| {
            distance += (grows >> last & 1) as usize;
            distance -= (falls >> last & 1) as usize;
        };
        if self.blocks == 1 {
            let (mut column, mut before) = (START, 0);
            for symbol in text {
                let equal = self.masks[usize::from(*symbol)];
                count(column.advance::<EXCHANGE>(equal, before, &mut Carry::default()));
                before = equal;
            }
            return distance;
        }
        let mut columns = std::mem::take(&mut self.columns);
        columns.clear();
        columns.resize(self.blocks, START);
        let mut before = self.mask(0);
        for symbol in text {
            let equal = self.mask(*symbol);
            let mut carry = Carry::default();
            let mut changes = (0, 0);
            for ((column, equal), before) in columns.iter_mut().zip(equal).zip(before) {
                changes = column.advance::<EXCHANGE>(*equal, *before, &mut carry);
            }
            count(changes);
            before = equal;
        }
        self.columns = columns;
        distance
    }

    /// The Jaro similarity of the pattern, whose symbols are given once more, and `text`, 0 to 1.
    ///
    /// Each symbol of `text` in order takes the first free equal one of the pattern that is less than half of the longer
    /// length away (Jaro, 1989; the exact window, roundings and choices are RapidFuzz's).
    pub(crate) fn jaro(&mut self, pattern: &[Symbol], text: &[Symbol]) -> f64 {
        let (length, other) = (pattern.len(), text.len());
        if length == 0 || other == 0 {
            return f64::from(u8::from(length == other));
        }
        let window = (length.max(other) / 2).saturating_sub(1);
        let (mut matched, mut common) = (
            std::mem::take(&mut self.matched),
            std::mem::take(&mut self.common),
        );
        matched.clear();
        matched.resize(self.blocks, 0);
        common.clear();
        for (at, symbol) in text.iter().enumerate() {
            let (first, last) = (at.saturating_sub(window), (at + window).min(length - 1));
            if first > last {
                break;
            }
            // Symbol 0 stands for all that the pattern has not.
            if *symbol == 0 {
                continue;
            }
            let masks = self.mask(*symbol);
            for block in first / 64..=last / 64 {
                let mut free = masks[block] & !matched[block];
                if block == first / 64 {
                    free &= u64::MAX << (first % 64);
                }
                if block == last / 64 {
                    free &= u64::MAX >> (63 - last % 64);
                }
                if free != 0 {
                    matched[block] |= free & free.wrapping_neg();
                    common.push(*symbol);
                    break;
                }
            }
        }
        let taken = (0..length).filter(|i| matched[i / 64] >> (i % 64) & 1 == 1);
        let displaced = taken
            .zip(&common)
            .filter(|(i, symbol)| pattern[*i] != **symbol)
            .count();
        let count = common.len() as f64;
        (self.matched, self.common) = (matched, common);
        if count == 0.0 {
            return 0.0;
        }
        let moved = (displaced / 2) as f64;
        (count / length as f64 + count / other as f64 + (count - moved) / count) / 3.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every cell of the table, by the definition.
    fn slow(a: &[char], b: &[char], exchange: bool) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let replaced = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let best = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                    if exchange && i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best.min(table[i - 2][j - 2] + 1)
                    } else {
                        best
                    }
                };
            }
        }
        table[a.len()][b.len()]
    }

    /// Numbers that look random.
    fn draw(state: &mut u64) -> usize {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) as usize
    }

    #[test]
    fn words_of_bits_give_the_table_s_last_cell() {
        let (mut alphabet, mut pattern, mut state) = (Alphabet::default(), Pattern::default(), 1);
        let letters = ['a', 'b', 'c', '\0', '\u{7f}', '\u{80}', '\u{e9}', '\u{10ffff}'];
        for round in 0..1500 {
            let few = 1 + draw(&mut state) % letters.len();
            let lengths = [0, 1, 2, 5, 63, 64, 65, 127, 128, 129, 200];
            let mut string = |most: usize| -> Vec<char> {
                let length = lengths[draw(&mut state) % most];
                (0..length).map(|_| letters[draw(&mut state) % few]).collect()
            };
            let most = if round % 5 == 0 { lengths.len() } else { 4 };
            let (a, b) = (string(most), string(most));
            alphabet.learn(a.iter().copied());
            let [x, y]: [Vec<Symbol>; 2] =
                [&a, &b].map(|text| text.iter().map(|letter| alphabet.symbol(*letter)).collect());
            pattern.set(&x, &alphabet);
            assert_eq!(
                pattern.levenshtein(x.len(), &y),
                slow(&a, &b, false),
                "{a:?} {b:?}"
            );
            assert_eq!(
                pattern.optimal_alignment(x.len(), &y),
                slow(&a, &b, true),
                "{a:?} {b:?}"
            );
            pattern.forget(&x);
            assert!(pattern.masks.iter().all(|word| *word == 0));
        }
    }

    #[test]
    fn an_alphabet_numbers_each_code_point_once() {
        let mut alphabet = Alphabet::default();
        alphabet.learn("zaz\u{e9}\u{80}\u{e9}".chars());
        let numbers = ['z', 'a', '\u{80}', '\u{e9}', 'b', '\u{81}'].map(|letter| alphabet.symbol(letter));
        assert_eq!(numbers, [1, 2, 3, 4, 0, 0]);
        assert_eq!(alphabet.size(), 5);
        alphabet.learn("b".chars());
        assert_eq!(
            (alphabet.symbol('z'), alphabet.symbol('b'), alphabet.size()),
            (0, 1, 2)
        );
    }
}
