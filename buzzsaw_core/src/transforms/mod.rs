//! The transforms, one file each, and what several of them share. A new one adds its file, a `mod` line and a line in the
//! list below.

use arrow_array::RecordBatch;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::args::Args;
use crate::error::{Error, Problem, Result};
use crate::fit::{FitState, Tables};
use crate::registry::{TransformEntry, entry};
use crate::slot::Slot;
use crate::types::ValueType;

mod affixes;
mod age;
mod arithmetic;
mod bm25;
mod bm25f;
mod bucketize;
mod clip;
mod coalesce;
mod compare;
mod concatenate;
mod cosine;
mod count_vector;
mod coverage;
mod cyclical;
mod date_part;
mod decay;
mod dense_projection;
mod dot;
mod each;
mod earliness;
mod edit_similarity;
mod embedding;
mod frequency;
mod geohash_bucket;
mod group_count;
mod group_difference;
mod group_min_max;
mod group_percentile;
mod group_rank;
mod group_share;
mod group_zscore;
mod hash_bucket;
mod hashed_cross;
mod hashed_features;
mod hashed_terms;
mod haversine;
mod idf;
mod if_else;
mod impute;
mod jaccard;
mod l2_distance;
mod list_contains;
mod list_length;
mod list_overlap;
mod list_statistic;
mod log1p;
mod longest_run;
mod map_get;
mod map_keys;
mod map_text;
mod min_hash;
mod min_max;
mod min_window;
mod missing_indicator;
mod multi_hot;
mod norm;
mod normalize_text;
mod one_hot;
mod order_agreement;
mod parse_number;
mod piecewise_linear;
#[cfg(feature = "planted-faults")]
mod planted_panic;
mod polynomial;
mod polynomial_features;
mod power;
mod quantile_bucketize;
mod query_likelihood;
mod rare_category;
mod rate;
mod ratio;
mod robust_scale;
mod standardize;
mod target_mean;
mod term_overlap;
mod term_statistics;
mod text_match;
mod tfidf;
mod tfidf_cosine;
mod token_ngrams;
mod token_weights;
mod tokenize;
mod top_value;
mod unit_match;
mod vocabulary_cross;
mod vocabulary_index;
mod weight_of_evidence;
mod winsorize;

// What several transforms share.
mod buckets;
mod calendar;
mod checks;
mod collection;
mod combinations;
mod group_values;
mod power_curve;
mod power_fit;
mod query_terms;
mod query_tokens;
mod term_columns;
mod term_selection;
mod vectors;

/// Every transform of this library; several versions of one stand side by side.
pub(crate) static REGISTRY: &[TransformEntry] = &[
    entry::<affixes::Affixes>(),
    entry::<age::Age>(),
    entry::<arithmetic::Arithmetic>(),
    entry::<bm25::Bm25>(),
    entry::<bm25f::Bm25f>(),
    entry::<bucketize::Bucketize>(),
    entry::<clip::Clip>(),
    entry::<coalesce::Coalesce>(),
    entry::<compare::Compare>(),
    entry::<concatenate::Concatenate>(),
    entry::<cosine::Cosine>(),
    entry::<count_vector::CountVector>(),
    entry::<coverage::Coverage>(),
    entry::<cyclical::Cyclical>(),
    entry::<date_part::DatePart>(),
    entry::<decay::Decay>(),
    entry::<dense_projection::DenseProjection>(),
    entry::<dot::Dot>(),
    entry::<each::Each>(),
    entry::<earliness::Earliness>(),
    entry::<edit_similarity::EditSimilarity>(),
    entry::<embedding::Embedding>(),
    entry::<frequency::Frequency>(),
    entry::<geohash_bucket::GeohashBucket>(),
    entry::<group_count::GroupCount>(),
    entry::<group_difference::GroupDifference>(),
    entry::<group_min_max::GroupMinMax>(),
    entry::<group_percentile::GroupPercentile>(),
    entry::<group_rank::GroupRank>(),
    entry::<group_share::GroupShare>(),
    entry::<group_zscore::GroupZscore>(),
    entry::<hash_bucket::HashBucket>(),
    entry::<hashed_cross::HashedCross>(),
    entry::<hashed_features::HashedFeatures>(),
    entry::<hashed_terms::HashedTerms>(),
    entry::<haversine::Haversine>(),
    entry::<idf::Idf>(),
    entry::<if_else::IfElse>(),
    entry::<impute::Impute>(),
    entry::<jaccard::Jaccard>(),
    entry::<l2_distance::L2Distance>(),
    entry::<list_contains::ListContains>(),
    entry::<list_length::ListLength>(),
    entry::<list_overlap::ListOverlap>(),
    entry::<list_statistic::ListStatistic>(),
    entry::<log1p::Log1p>(),
    entry::<longest_run::LongestRun>(),
    entry::<map_get::MapGet>(),
    entry::<map_keys::MapKeys>(),
    entry::<map_text::MapText>(),
    entry::<min_hash::MinHash>(),
    entry::<min_max::MinMax>(),
    entry::<min_window::MinWindow>(),
    entry::<missing_indicator::MissingIndicator>(),
    entry::<multi_hot::MultiHot>(),
    entry::<norm::Norm>(),
    entry::<normalize_text::NormalizeText>(),
    entry::<one_hot::OneHot>(),
    entry::<order_agreement::OrderAgreement>(),
    entry::<parse_number::ParseNumber>(),
    entry::<piecewise_linear::PiecewiseLinear>(),
    #[cfg(feature = "planted-faults")]
    entry::<planted_panic::PlantedPanic>(),
    entry::<polynomial::Polynomial>(),
    entry::<polynomial_features::PolynomialFeatures>(),
    entry::<power::Power>(),
    entry::<quantile_bucketize::QuantileBucketize>(),
    entry::<query_likelihood::QueryLikelihood>(),
    entry::<rare_category::RareCategory>(),
    entry::<rate::Rate>(),
    entry::<ratio::Ratio>(),
    entry::<robust_scale::RobustScale>(),
    entry::<standardize::Standardize>(),
    entry::<target_mean::TargetMean>(),
    entry::<term_overlap::TermOverlap>(),
    entry::<term_statistics::TermStatistics>(),
    entry::<text_match::TextMatch>(),
    entry::<tfidf::Tfidf>(),
    entry::<tfidf_cosine::TfidfCosine>(),
    entry::<token_ngrams::TokenNgrams>(),
    entry::<token_weights::TokenWeights>(),
    entry::<tokenize::Tokenize>(),
    entry::<top_value::TopValue>(),
    entry::<unit_match::UnitMatch>(),
    entry::<vocabulary_cross::VocabularyCross>(),
    entry::<vocabulary_index::VocabularyIndex>(),
    entry::<weight_of_evidence::WeightOfEvidence>(),
    entry::<winsorize::Winsorize>(),
];

/// How a transform reads one of its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// As f64, NaN for missing, after the step's policy for missing numbers.
    Number,
    /// As repaired text.
    Text,
    /// As a category: text, or the decimal text of an exact scalar.
    Category,
    /// As tokens; a list of exact scalars as their decimal text.
    Terms,
    /// As microseconds since the epoch.
    Time,
    /// As a map with string keys.
    Map,
    /// As a list of numbers.
    Vector,
    /// As the sparse entries of a step.
    Sparse,
}

/// What a step's state is learnt from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FitReads {
    /// Which of the step's inputs are read; all of one side learn from that side's table.
    pub inputs: Vec<usize>,
    /// Whether the label is read.
    pub label: bool,
    /// Into how many folds of the qid the state is split.
    pub folds: Option<u32>,
}

/// How a step reads its inputs and what it makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// One entry an input.
    pub reads: Vec<Read>,
    /// What the step makes.
    pub output: ValueType,
    /// Whether a row's value depends on the other rows of its group.
    pub grouped: bool,
    /// What the step's state is learnt from; `None` for a step without state.
    pub fit: Option<FitReads>,
}

impl Signature {
    /// A stateless step that looks at one row at a time.
    pub fn stateless(reads: Vec<Read>, output: ValueType) -> Self {
        Self {
            reads,
            output,
            grouped: false,
            fit: None,
        }
    }

    /// A step whose state is learnt from `inputs`.
    pub fn fitted(reads: Vec<Read>, output: ValueType, inputs: Vec<usize>) -> Self {
        Self {
            reads,
            output,
            grouped: false,
            fit: Some(FitReads {
                inputs,
                label: false,
                folds: None,
            }),
        }
    }

    /// Whether any input is read as a number, so that the policy for missing numbers applies.
    pub fn reads_numbers(&self) -> bool {
        self.reads.contains(&Read::Number)
    }
}

/// A named, versioned function with parameters: the one trait that a transform's file implements.
///
/// The type itself is the fitted, immutable transform. Its parameter struct carries the documentation that the
/// schema, the reference page and `--help` show.
pub trait Transform: Send + Sync + Sized + 'static {
    /// The name that a spec uses.
    const NAME: &'static str;
    /// Raised whenever any output would change; older versions stay beside the new one.
    const VERSION: u32 = 1;
    /// The parameters, with documented defaults.
    type Params: Serialize + DeserializeOwned + JsonSchema;
    /// Memory that one thread reuses between batches.
    type Work: Default + Send + 'static;
    /// What is learnt; [`crate::fit::NoState`] for a stateless transform.
    type State: FitState;

    /// Judges parameters and input types and says how they are read.
    ///
    /// # Errors
    /// Every problem, with places below the step (`k1`, `inputs[1]`).
    fn signature(params: &Self::Params, inputs: &[ValueType])
    -> std::result::Result<Signature, Vec<Problem>>;

    /// An empty state to learn with.
    fn start(params: &Self::Params) -> Self::State;

    /// The fitted transform. `tables` is empty for a stateless one, and comes from a file otherwise: it must be
    /// checked as input from outside.
    ///
    /// # Errors
    /// `BZ_CORRUPT_ARTIFACT` when a table does not hold what [`FitState::finish`] writes.
    fn build(params: Self::Params, tables: &Tables) -> Result<Self>;

    /// The name of the lookup table that the step takes its state from, as a call of `fit` gives it. A step with one has
    /// no other state: its signature has no `fit`.
    fn table(_params: &Self::Params) -> Option<&str> {
        None
    }

    /// The step's tables from the batches of its lookup table. The order of rows and batches must not show in them.
    ///
    /// # Errors
    /// `BZ_MISSING_INPUT`, `BZ_TYPE_MISMATCH` or `BZ_INVALID_VALUE` with a place in the table (`vector[3]`).
    fn take_table(_params: &Self::Params, _batches: &[RecordBatch]) -> Result<Tables> {
        Err(Error::internal("the transform reads no lookup table", None))
    }

    /// Computes the step for `args.len()` rows (or groups, for a query-side step) into `out`, which is empty.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` or `BZ_RESOURCE_LIMIT`; a missing value is never an error.
    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Self::Work) -> Result<()>;

    /// The number of columns of a sparse output; 0 for other outputs. `inputs` holds those of the inputs.
    fn columns(&self, _inputs: &[u32]) -> u32 {
        0
    }
}
