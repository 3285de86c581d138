//! A statistic of the rows of each category, beside that of all rows: what scaling steps with a second input learn.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, LargeBinaryArray};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::tables::Tables;
use crate::args::{Args, CategoryBuffer};
use crate::error::{Error, ErrorKind, Result};
use crate::vocabulary::{self, Vocabulary};

/// Parts of statistics that are kept over all categories.
const LIMIT: u64 = 1 << 22;

/// What is learnt from the numbers of one category.
pub(crate) trait Statistic: Clone + Serialize + DeserializeOwned + Send + 'static {
    /// Takes in one finite number.
    fn add(&mut self, x: f64);

    /// Takes in what `other` has learnt.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when the two do not belong to the same fit.
    fn merge(&mut self, other: &Self) -> Result<()>;

    /// How many numbers it stands on.
    fn count(&self) -> u64;

    /// How much of the limit it takes.
    fn size(&self) -> u64 {
        1
    }
}

/// The statistics of every category.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "S: Serialize + DeserializeOwned")]
pub(crate) struct PerKey<S> {
    empty: S,
    /// `None` until rows with a second input were seen.
    keys: Option<BTreeMap<Box<[u8]>, S>>,
    size: u64,
}

impl<S: Statistic> PerKey<S> {
    /// No categories; each starts from `empty`.
    pub(crate) fn new(empty: S) -> Self {
        Self {
            empty,
            keys: None,
            size: 0,
        }
    }

    /// Takes in the finite numbers of input 0 by the category of input 1, if there is one. A category without any is not
    /// held.
    pub(crate) fn update(&mut self, args: &Args<'_>) -> Result<()> {
        if args.inputs() < 2 {
            return Ok(());
        }
        let (x, categories) = (args.number(0)?, args.category(1)?);
        let keys = self.keys.get_or_insert_default();
        let mut buffer = CategoryBuffer::default();
        for i in 0..args.len() {
            let value = x.get(i);
            let Some(category) = categories.get(i, &mut buffer) else {
                continue;
            };
            if !value.is_finite() {
                continue;
            }
            let statistic = match keys.get_mut(category) {
                Some(statistic) => statistic,
                None => {
                    self.size += self.empty.size();
                    keys.entry(category.into()).or_insert_with(|| self.empty.clone())
                }
            };
            let before = statistic.size();
            statistic.add(value);
            self.size += statistic.size() - before;
        }
        self.check_limit()
    }

    /// Takes in what `other` has learnt.
    pub(crate) fn merge(&mut self, other: Self) -> Result<()> {
        let Some(theirs) = other.keys else {
            return Ok(());
        };
        let keys = self.keys.get_or_insert_default();
        for (key, statistic) in theirs {
            match keys.get_mut(&key) {
                Some(held) => {
                    let before = held.size();
                    held.merge(&statistic)?;
                    self.size += held.size() - before;
                }
                None => {
                    self.size += statistic.size();
                    keys.insert(key, statistic);
                }
            }
        }
        self.check_limit()
    }

    fn check_limit(&self) -> Result<()> {
        if self.size <= LIMIT {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::ResourceLimit,
            format!("the categories hold more than {LIMIT} statistics and distinct numbers"),
        )
        .hint("use a category with fewer values, or `approximate: true` where the step has it"))
    }

    /// The state without anything learnt, for another pass.
    pub(crate) fn restarted(self) -> Self {
        Self::new(self.empty)
    }

    /// Writes the columns of the categories that stand on `min_count` numbers or more, sorted by their bytes.
    pub(crate) fn insert<const N: usize>(
        &self,
        tables: &mut Tables,
        min_count: u64,
        names: [&str; N],
        columns_of: impl Fn(&S) -> Result<[f64; N]>,
    ) -> Result<()> {
        let Some(keys) = &self.keys else {
            return Ok(());
        };
        let known = || {
            keys.iter()
                .filter(|(_, statistic)| statistic.count() >= min_count)
        };
        let terms: LargeBinaryArray = known().map(|(key, _)| Some(key)).collect();
        let counts: Int64Array = known().map(|(_, statistic)| statistic.count() as i64).collect();
        let rows = known()
            .map(|(_, statistic)| columns_of(statistic))
            .collect::<Result<Vec<_>>>()?;
        vocabulary::insert_lookup(tables, &terms, "use a category with fewer values")?;
        let mut columns: Vec<(&str, ArrayRef)> = vec![("term", Arc::new(terms)), ("count", Arc::new(counts))];
        for (i, name) in names.into_iter().enumerate() {
            let column: Float64Array = rows.iter().map(|row| row[i]).collect::<Vec<_>>().into();
            columns.push((name, Arc::new(column)));
        }
        tables.insert(vocabulary::TERMS, columns)
    }
}

/// The frozen statistics: of all rows, and of the categories with enough of them.
pub(crate) struct KeyTable<const N: usize> {
    global: [f64; N],
    keys: Option<(Vocabulary, [Float64Array; N])>,
}

impl<const N: usize> KeyTable<N> {
    /// Reads the columns `names` of the one-row table `global` and, when categories were learnt, of theirs.
    pub(crate) fn open(tables: &Tables, global: &str, names: [&str; N]) -> Result<Self> {
        let mut values = [f64::NAN; N];
        for (value, name) in values.iter_mut().zip(names) {
            *value = tables.f64(global, name)?;
        }
        let keys = if tables.iter().any(|(name, _)| name == vocabulary::TERMS) {
            let mut columns = [const { None }; N];
            for (column, name) in columns.iter_mut().zip(names) {
                *column = Some(tables.f64s(vocabulary::TERMS, name)?.clone());
            }
            let none = || Float64Array::from(Vec::<f64>::new());
            let columns = columns.map(|column| column.unwrap_or_else(none));
            Some((Vocabulary::open(tables)?, columns))
        } else {
            None
        };
        Ok(Self { global: values, keys })
    }

    /// The statistics of all rows.
    #[inline]
    pub(crate) fn global(&self) -> [f64; N] {
        self.global
    }

    /// The statistics of a category; those of all rows where it is missing, unseen or was too rare.
    #[inline]
    pub(crate) fn of(&self, category: Option<&[u8]>) -> [f64; N] {
        let found = self
            .keys
            .as_ref()
            .zip(category)
            .and_then(|((vocabulary, columns), category)| Some((columns, vocabulary.find(category)?)));
        match found {
            Some((columns, at)) => std::array::from_fn(|i| columns[i].value(at)),
            None => self.global,
        }
    }

    /// Maps every number of input 0 with the statistics of its row.
    #[inline]
    pub(crate) fn apply(
        &self,
        args: &Args<'_>,
        out: &mut Vec<f64>,
        buffer: &mut CategoryBuffer,
        value: impl Fn(f64, &[f64; N]) -> f64,
    ) -> Result<()> {
        let x = args.number(0)?;
        if args.inputs() < 2 {
            let global = self.global();
            out.extend((0..args.len()).map(|i| value(x.get(i), &global)));
            return Ok(());
        }
        let categories = args.category(1)?;
        out.extend((0..args.len()).map(|i| value(x.get(i), &self.of(categories.get(i, buffer)))));
        Ok(())
    }
}

#[cfg(test)]
impl<S: Statistic> PerKey<S> {
    /// Takes in rows of a number and a category.
    pub(crate) fn learn(&mut self, rows: &[(f64, Option<&str>)]) {
        use crate::args::{Arg, CategoryArg, Index, IndexView, NumberArg, TextArg};

        let values: Vec<f64> = rows.iter().map(|(value, _)| *value).collect();
        let mut keys = crate::slot::TextRows::default();
        rows.iter().for_each(|(_, key)| keys.push(key.map(str::as_bytes)));
        let index = Index::Offset(0);
        let number = Arg::Number(NumberArg {
            values: &values,
            index,
        });
        let category = Arg::Category(CategoryArg::Text(TextArg::Rows(&keys, IndexView(index))));
        let args = Args {
            len: rows.len(),
            first: 0,
            items: [number, category].into_iter().collect(),
            groups: None,
            label: None,
            folds: None,
        };
        self.update(&args).unwrap();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Big(u64);

    impl Statistic for Big {
        fn add(&mut self, _x: f64) {}

        fn merge(&mut self, other: &Self) -> Result<()> {
            self.0 += other.0;
            Ok(())
        }

        fn count(&self) -> u64 {
            self.0
        }

        fn size(&self) -> u64 {
            self.0
        }
    }

    fn held(key: &[u8], size: u64) -> PerKey<Big> {
        let keys = BTreeMap::from([(key.into(), Big(size))]);
        PerKey {
            empty: Big(0),
            keys: Some(keys),
            size,
        }
    }

    /// Every number counts.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct All(Vec<f64>);

    impl Statistic for All {
        fn add(&mut self, x: f64) {
            self.0.push(x);
        }

        fn merge(&mut self, other: &Self) -> Result<()> {
            self.0.extend(&other.0);
            Ok(())
        }

        fn count(&self) -> u64 {
            self.0.len() as u64
        }

        fn size(&self) -> u64 {
            1 + self.0.len() as u64
        }
    }

    #[test]
    fn the_size_is_that_of_what_is_held() {
        let mut state = PerKey::new(All(Vec::new()));
        state.learn(&[
            (1.0, Some("a")),
            (2.0, None),
            (f64::NAN, Some("b")),
            (f64::INFINITY, Some("b")),
            (f64::NEG_INFINITY, Some("a")),
            (3.0, Some("a")),
        ]);
        assert_eq!(state.size, 3);
        let mut other = PerKey::new(All(Vec::new()));
        other.learn(&[(4.0, Some("c")), (5.0, Some("a"))]);
        assert_eq!(other.size, 4);
        state.merge(other).unwrap();
        assert_eq!(state.size, 6);
        let held = state.keys.as_ref().unwrap();
        let keys: Vec<&[u8]> = held.keys().map(|key| &**key).collect();
        assert_eq!(keys, [b"a", b"c"]);
        assert_eq!(held.values().next(), Some(&All(vec![1.0, 3.0, 5.0])));
        let again = state.restarted();
        assert!(again.keys.is_none() && again.size == 0);
    }

    #[test]
    fn the_limit_is_of_all_categories_together() {
        for key in [&b"a"[..], b"b"] {
            let mut state = held(b"a", LIMIT / 2);
            assert!(state.merge(held(key, LIMIT / 2)).is_ok());
            assert_eq!(state.size, LIMIT);
            let error = state.merge(held(key, 1)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ResourceLimit);
        }
    }

    #[test]
    fn a_table_of_categories_without_a_column_is_refused() {
        let state = held(b"a", 5);
        let mut tables = Tables::default();
        tables
            .insert("all", vec![("mean", Arc::new(Float64Array::from(vec![1.0])))])
            .unwrap();
        state.insert(&mut tables, 6, ["mean"], |_| Ok([2.0])).unwrap();
        assert_eq!(
            KeyTable::open(&tables, "all", ["mean"]).unwrap().of(Some(b"a")),
            [1.0]
        );
        state.insert(&mut tables, 5, ["mean"], |_| Ok([2.0])).unwrap();
        let table = KeyTable::open(&tables, "all", ["mean"]).unwrap();
        assert_eq!(
            (table.of(Some(b"a")), table.of(Some(b"b")), table.of(None)),
            ([2.0], [1.0], [1.0])
        );
        state.insert(&mut tables, 5, ["other"], |_| Ok([2.0])).unwrap();
        let error = KeyTable::open(&tables, "all", ["mean"]).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::CorruptArtifact);
    }
}
