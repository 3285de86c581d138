//! Keys with counts as sorted runs of bytes: what counts by key become between processes.
//!
//! A run holds its keys in ascending order of their bytes, so that runs are merged by reading each once, front to back,
//! and take little more memory than the keys.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fmt;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hash::xxh3_64;

/// So many runs of one level are merged into one of the next: each key is copied once a level, and a key that all runs
/// hold takes its room at most so many times a level. More than the buckets of a fit on Spark, which share no key.
const FAN_IN: usize = 128;

/// The seed of the hash that spreads keys over parts; another one than any table's.
const PART_SEED: u64 = 0x70_61_72_74;

/// The position, of `parts`, that a key belongs to.
pub(super) fn part_of(key: &[u8], parts: usize) -> usize {
    ((u128::from(xxh3_64(key, PART_SEED)) * parts as u128) >> 64) as usize
}

/// Keys in ascending order of their bytes, each with `N` counts: its length, its bytes and the counts, one key after the
/// other, numbers in LEB128.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Run<const N: usize> {
    bytes: Vec<u8>,
    keys: usize,
}

impl<const N: usize> Run<N> {
    /// Adds a key that sorts after all that are there.
    pub fn push(&mut self, key: &[u8], counts: [u64; N]) {
        write_number(&mut self.bytes, key.len() as u64);
        self.bytes.extend_from_slice(key);
        counts
            .iter()
            .for_each(|count| write_number(&mut self.bytes, *count));
        self.keys += 1;
    }

    fn cursor(&self) -> Cursor<'_, N> {
        Cursor {
            rest: &self.bytes,
            key: &[],
            counts: [0; N],
        }
    }

    /// A run from bytes of another process, refused unless its keys ascend and end where the bytes do.
    fn checked(bytes: Vec<u8>) -> Option<Self> {
        let mut run = Self { bytes, keys: 0 };
        let (mut keys, mut cursor) = (0, run.cursor());
        while !cursor.rest.is_empty() {
            let before = cursor.key;
            if !cursor.advance() || keys > 0 && before >= cursor.key {
                return None;
            }
            keys += 1;
        }
        run.keys = keys;
        Some(run)
    }
}

fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if *first < 0x80 {
            return Some(number);
        }
    }
    None
}

impl<const N: usize> Serialize for Run<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.bytes)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Run<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }
        let bytes = deserializer.deserialize_bytes(Bytes)?;
        Run::checked(bytes).ok_or_else(|| D::Error::custom("a run of counts is malformed"))
    }
}

/// A place in a run.
struct Cursor<'a, const N: usize> {
    rest: &'a [u8],
    key: &'a [u8],
    counts: [u64; N],
}

impl<const N: usize> Cursor<'_, N> {
    /// Goes on to the next key; `false` at the end, and where the bytes are no run.
    fn advance(&mut self) -> bool {
        self.read().is_some()
    }

    fn read(&mut self) -> Option<()> {
        let len = usize::try_from(read_number(&mut self.rest)?).ok()?;
        (self.key, self.rest) = self.rest.split_at_checked(len)?;
        for count in &mut self.counts {
            *count = read_number(&mut self.rest)?;
        }
        Some(())
    }
}

// Those of a heap, whose greatest item is the one with the least key.
impl<const N: usize> Ord for Cursor<'_, N> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key.cmp(self.key)
    }
}

impl<const N: usize> PartialOrd for Cursor<'_, N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> PartialEq for Cursor<'_, N> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<const N: usize> Eq for Cursor<'_, N> {}

/// Runs that are read as one: keys ascend, and the counts of one key in several runs are added.
pub(crate) struct Merged<'a, const N: usize>(BinaryHeap<Cursor<'a, N>>);

impl<'a, const N: usize> Merged<'a, N> {
    fn of(runs: impl IntoIterator<Item = &'a Run<N>>) -> Self {
        let mut cursors: Vec<_> = runs.into_iter().map(Run::cursor).collect();
        cursors.retain_mut(Cursor::advance);
        Self(cursors.into())
    }
}

impl<'a, const N: usize> Iterator for Merged<'a, N> {
    type Item = (&'a [u8], [u64; N]);

    fn next(&mut self) -> Option<Self::Item> {
        let mut least = self.0.peek_mut()?;
        let (key, mut counts) = (least.key, least.counts);
        if !least.advance() {
            PeekMut::pop(least);
        } else {
            drop(least);
        }
        while let Some(mut least) = self.0.peek_mut().filter(|least| least.key == key) {
            counts
                .iter_mut()
                .zip(least.counts)
                .for_each(|(mine, theirs)| *mine = mine.saturating_add(theirs));
            if !least.advance() {
                PeekMut::pop(least);
            }
        }
        Some((key, counts))
    }
}

/// Runs that belong together, in levels: those of a level were merged as often (a log-structured merge tree).
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs<const N: usize>(Vec<Vec<Run<N>>>);

impl<const N: usize> Runs<N> {
    /// Adds a run, which may hold keys of the others.
    pub fn push(&mut self, run: Run<N>) {
        self.push_at(0, run);
    }

    fn push_at(&mut self, level: usize, run: Run<N>) {
        if run.keys == 0 {
            return;
        }
        if self.0.len() <= level {
            self.0.resize_with(level + 1, Vec::new);
        }
        self.0[level].push(run);
        if self.0[level].len() >= FAN_IN {
            let full = std::mem::take(&mut self.0[level]);
            self.push_at(level + 1, merged(&full, |_, _| true));
        }
    }

    /// Takes in other runs.
    pub fn append(&mut self, other: Self) {
        for (level, runs) in other.0.into_iter().enumerate() {
            runs.into_iter().for_each(|run| self.push_at(level, run));
        }
    }

    /// Keys with their counts, ascending.
    pub fn iter(&self) -> Merged<'_, N> {
        Merged::of(self.0.iter().flatten())
    }

    /// The keys that are kept, as one run.
    pub fn merge(&self, keep: impl FnMut(&[u8], [u64; N]) -> bool) -> Run<N> {
        merged(self.0.iter().flatten(), keep)
    }

    /// These runs and another one as one run, which is how they go between processes: each key once.
    pub fn with(&self, other: Run<N>) -> Cow<'_, Run<N>> {
        let mut own = self.0.iter().flatten();
        match (own.next(), own.next()) {
            (None, _) => Cow::Owned(other),
            (Some(only), None) if other.keys == 0 => Cow::Borrowed(only),
            _ => Cow::Owned(merged(self.0.iter().flatten().chain([&other]), |_, _| true)),
        }
    }

    /// Cut into parts by a hash of the key: equal keys go to the parts of one position.
    pub fn split(&self, parts: usize) -> Vec<Self> {
        let mut split = vec![Run::default(); parts];
        for (key, counts) in self.iter() {
            split[part_of(key, parts)].push(key, counts);
        }
        split.into_iter().map(Self::from).collect()
    }

    /// How many keys there are; one that several runs hold counts in each.
    pub fn keys(&self) -> usize {
        self.0.iter().flatten().map(|run| run.keys).sum()
    }

    /// How many bytes the keys take, at most.
    pub fn bytes(&self) -> usize {
        self.0.iter().flatten().map(|run| run.bytes.len()).sum()
    }
}

fn merged<'a, const N: usize>(
    runs: impl IntoIterator<Item = &'a Run<N>> + Clone,
    mut keep: impl FnMut(&[u8], [u64; N]) -> bool,
) -> Run<N> {
    let room = runs.clone().into_iter().map(|run| run.bytes.len()).sum();
    let mut made = Run {
        bytes: Vec::with_capacity(room),
        keys: 0,
    };
    for (key, counts) in Merged::of(runs).filter(|(key, counts)| keep(key, *counts)) {
        made.push(key, counts);
    }
    made.bytes.shrink_to_fit();
    made
}

impl<const N: usize> From<Run<N>> for Runs<N> {
    fn from(run: Run<N>) -> Self {
        let mut runs = Self::default();
        runs.push(run);
        runs
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    type Plain = BTreeMap<Vec<u8>, [u64; 2]>;

    /// Keys of any length with counts of every size, some of them in several runs.
    fn plain(seed: u64) -> Plain {
        let number = |i: u64| xxh3_64(&i.to_le_bytes(), seed);
        (0..500)
            .map(|i| {
                let key = format!("{}", number(i) % 900).repeat((number(i) >> 50) as usize % 40);
                (key.into_bytes(), [number(i + 1) >> (i % 64), i])
            })
            .collect()
    }

    fn run(plain: &Plain) -> Run<2> {
        let mut run = Run::default();
        plain.iter().for_each(|(key, counts)| run.push(key, *counts));
        run
    }

    fn added(plains: &[Plain]) -> Plain {
        let mut all = Plain::new();
        for (key, counts) in plains.iter().flatten() {
            let held = all.entry(key.clone()).or_default();
            held.iter_mut()
                .zip(counts)
                .for_each(|(mine, theirs)| *mine = mine.wrapping_add(*theirs));
        }
        all
    }

    fn shown(runs: &Runs<2>) -> Vec<(Vec<u8>, [u64; 2])> {
        runs.iter().map(|(key, counts)| (key.to_vec(), counts)).collect()
    }

    fn small(plain: Plain) -> Plain {
        plain
            .into_iter()
            .map(|(key, [a, b])| (key, [a >> 9, b]))
            .collect()
    }

    #[test]
    fn runs_read_as_one_equal_a_map() {
        for count in [0, 1, 2, 5, 2 * FAN_IN + 3] {
            let plains: Vec<_> = (0..count as u64).map(|seed| small(plain(seed))).collect();
            let mut runs = Runs::default();
            plains.iter().for_each(|plain| runs.push(run(plain)));
            let want: Vec<_> = added(&plains).into_iter().collect();
            assert_eq!(shown(&runs), want, "{count}");
            let levels: Vec<_> = runs.0.iter().map(Vec::len).collect();
            let want_levels = match (count / FAN_IN, count % FAN_IN) {
                (0, 0) => vec![],
                (0, rest) => vec![rest],
                (full, rest) => vec![rest, full],
            };
            assert_eq!(levels, want_levels, "{count}");
            let mut other = Runs::default();
            other.append(runs);
            assert_eq!(shown(&other), want, "{count}");
        }
    }

    #[test]
    fn parts_hold_each_key_once_and_always_the_same_one() {
        let (one, two) = (plain(1), plain(2));
        for parts in [1, 2, 7, 64] {
            let (a, b) = (
                Runs::from(run(&one)).split(parts),
                Runs::from(run(&two)).split(parts),
            );
            assert_eq!((a.len(), b.len()), (parts, parts));
            let keys = |runs: &Runs<2>| -> Vec<_> { shown(runs).into_iter().map(|(key, _)| key).collect() };
            for (at, part) in a.iter().enumerate() {
                let elsewhere = b.iter().enumerate().filter(|(other, _)| *other != at);
                let elsewhere: Vec<_> = elsewhere.flat_map(|(_, part)| keys(part)).collect();
                assert!(keys(part).iter().all(|key| !elsewhere.contains(key)), "{parts}");
            }
            let mut whole: Vec<_> = a.iter().flat_map(shown).collect();
            whole.sort();
            assert_eq!(whole, one.clone().into_iter().collect::<Vec<_>>(), "{parts}");
            let filled = a.iter().filter(|part| part.keys() > 0).count();
            // Of 64 parts one may get none of some 300 keys.
            assert!(filled >= parts - parts / 32, "{parts}: {filled}");
        }
    }

    #[test]
    fn what_is_not_kept_is_gone() {
        let plains = [small(plain(1)), small(plain(2))];
        let mut runs = Runs::default();
        plains.iter().for_each(|plain| runs.push(run(plain)));
        let kept = Runs::from(runs.merge(|key, counts| key.len() > 5 && counts[1] % 2 == 0));
        let want = added(&plains).into_iter();
        let want: Vec<_> = want
            .filter(|(key, counts)| key.len() > 5 && counts[1] % 2 == 0)
            .collect();
        assert_eq!(shown(&kept), want);
        assert_eq!(kept.keys(), want.len());
        assert!(!want.is_empty());
    }

    #[test]
    fn runs_survive_the_way_to_another_process() {
        let (none, one, two) = (Run::default(), run(&small(plain(1))), run(&small(plain(2))));
        for (held, other) in [
            (vec![], none.clone()),
            (vec![], one.clone()),
            (vec![one.clone()], none.clone()),
            (vec![one.clone()], two.clone()),
            (vec![one.clone(), two.clone()], none),
        ] {
            let mut runs = Runs::default();
            held.into_iter().for_each(|run| runs.push(run));
            let bytes = postcard::to_allocvec(&runs.with(other.clone())).unwrap();
            runs.push(other);
            let read: Run<2> = postcard::from_bytes(&bytes).unwrap();
            // Each key once, however many runs held it.
            assert_eq!(read.keys, shown(&runs).len());
            assert_eq!(shown(&Runs::from(read)), shown(&runs));
        }
    }

    #[test]
    fn counts_of_other_processes_do_not_wrap() {
        let mut runs = Runs::default();
        for count in [u64::MAX, 1] {
            let mut run = Run::default();
            run.push(b"a", [count, 1]);
            runs.push(run);
        }
        assert_eq!(shown(&runs), [(b"a".to_vec(), [u64::MAX, 2])]);
    }

    #[test]
    fn bytes_that_are_no_run_are_refused() {
        let mut good = Run::<2>::default();
        good.push(b"a", [1, 300]);
        good.push(b"b", [u64::MAX, 0]);
        assert!(Run::<2>::checked(good.bytes.clone()).is_some());
        for cut in 1..good.bytes.len() {
            // The first key alone is a run.
            assert_eq!(
                Run::<2>::checked(good.bytes[..cut].to_vec()).is_some(),
                cut == 5,
                "{cut}"
            );
        }
        let mut descending = Run::<2>::default();
        descending.push(b"b", [1, 1]);
        descending.push(b"a", [1, 1]);
        let mut twice = Run::<2>::default();
        twice.push(b"a", [1, 1]);
        twice.push(b"a", [1, 1]);
        for bytes in [
            descending.bytes,
            twice.bytes,
            vec![0xff; 30],
            vec![0xff, 0xff, 0xff, 0x7f],
        ] {
            assert!(Run::<2>::checked(bytes).is_none());
        }
    }
}
