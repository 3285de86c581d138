package io.buzzsaw;

/** The specs of the tests; none of them learns anything. */
final class Specs {
  private Specs() {}

  /** Every numeric type, each input shown as it is. */
  static final String NUMBERS =
      String.join(
          "\n",
          "buzzsaw: 1",
          "name: numbers",
          "inputs:",
          "  flag: {type: bool, side: document}",
          "  small: {type: int32, side: document}",
          "  large: {type: int64, side: document}",
          "  single: {type: float32, side: document}",
          "  real: {type: float64, side: document}",
          "  price: {type: decimal, side: document}",
          "features: [flag, small, large, single, real, price]");

  /** Times, text, bytes, lists and maps. */
  static final String NESTED =
      String.join(
          "\n",
          "buzzsaw: 1",
          "name: nested",
          "inputs:",
          "  now: {type: timestamp, side: query}",
          "  day: {type: date, side: document}",
          "  title: {type: string, side: document}",
          "  code: {type: binary, side: document}",
          "  tags: {type: list<string>, side: document}",
          "  sizes: {type: map<float64>, side: document}",
          "  counts: {type: map<int32>, side: document}",
          "  names: {type: map<string>, side: document}",
          "steps:",
          "  age_days: {transform: age, inputs: [now, day], unit: days}",
          "  words: {transform: tokenize, input: title, analyzer: {tokenizer: whitespace, fold: none}}",
          "  title_terms: {transform: hashed_terms, input: words, bits: 20}",
          "  code_cross: {transform: hashed_cross, inputs: [code, day], bits: 20}",
          "  tag_terms: {transform: hashed_terms, input: tags, bits: 20}",
          "  width: {transform: map_get, input: sizes, key: width}",
          "  count: {transform: map_get, input: counts, key: n}",
          "  colour: {transform: map_get, input: names, key: \"k\\U0001F642\"}",
          "  colour_words: {transform: tokenize, input: colour, analyzer: {tokenizer: whitespace, fold: none}}",
          "  colour_terms: {transform: hashed_terms, input: colour_words, bits: 20}",
          "features: [age_days, title_terms, code_cross, tag_terms, width, count, colour_terms]");

  /** A step within a group, and a query-side number. */
  static final String GROUPS =
      String.join(
          "\n",
          "buzzsaw: 1",
          "name: groups",
          "inputs:",
          "  boost: {type: float64, side: query}",
          "  price: {type: float64, side: document}",
          "steps:",
          "  price_z: {transform: group_zscore, input: price}",
          "features: [boost, price, price_z]");

  /** One text. */
  static final String TEXT =
      String.join(
          "\n",
          "buzzsaw: 1",
          "name: text",
          "inputs:",
          "  title: {type: string, side: document}",
          "steps:",
          "  words: {transform: tokenize, input: title, analyzer: {tokenizer: whitespace, fold: none}}",
          "  terms: {transform: hashed_terms, input: words, bits: 20}",
          "features: [terms]");
}
