package io.buzzsaw;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the examples of the Javadoc find around them. */
public class ExampleContext {
  /** What an example says was computed. */
  public static float first;

  /** The artifact of {@link #SPEC}. */
  public static Path artifact;

  protected static Pipeline pipeline;
  protected static Batch batch;
  protected static FeatureMatrix features;
  protected static final double bias = 0.5;
  protected static final float[] weights = {2};
  protected static final float[] termWeights = new float[1 << 18];
  protected static final List<Number> scores = new ArrayList<>();
  protected static final List<Long> fingerprints = new ArrayList<>();
  protected static final Map<Long, Float> totals = new TreeMap<>();
  protected static final List<String> log = new ArrayList<>();
  protected static final List<List<Product>> requests =
      List.of(
          List.of(new Product("USB-C cable", 1999, List.of("usb", "cable"), "black")),
          List.of(new Product("Mouse", 999, List.of(), null), new Product("Lamp", 2499, List.of("lamp"), "red")));

  /** The spec of the examples. */
  protected static final String SPEC =
      String.join(
          "\n",
          "buzzsaw: 1",
          "name: shop_search",
          "inputs:",
          "  query: {type: string, side: query}",
          "  title: {type: string, side: document}",
          "  price_cents: {type: int64, side: document}",
          "  tags: {type: list<string>, side: document}",
          "  attributes: {type: map<string>, side: document}",
          "steps:",
          "  query_words: {transform: tokenize, input: query, analyzer: english}",
          "  title_words: {transform: tokenize, input: title, analyzer: english}",
          "  query_x_title: {transform: hashed_cross, inputs: [query_words, title_words], bits: 18}",
          "  log_price: {transform: log1p, input: price_cents}",
          "  tag_terms: {transform: hashed_terms, input: tags, bits: 10}",
          "  colour: {transform: map_get, input: attributes, key: colour}",
          "  colour_bucket: {transform: hashed_cross, inputs: [colour, title], bits: 10}",
          "features: [query_x_title, log_price, tag_terms, colour_bucket]");

  /** A product of the examples. */
  public static final class Product {
    public final byte[] titleBytes;
    public final long priceCents;
    public final List<String> tags;
    public final String colour;

    Product(String title, long priceCents, List<String> tags, String colour) {
      this.titleBytes = title.getBytes(StandardCharsets.UTF_8);
      this.priceCents = priceCents;
      this.tags = tags;
      this.colour = colour;
    }
  }

  protected static void serve(Pipeline open) {
    log.add("serves " + open.name());
  }

  /** The features of two rows. */
  protected static void transformTwoRows() {
    batch.clear();
    batch.startGroup();
    batch.setString("query", "usb cable");
    for (String title : new String[] {"USB-C cable, 2 m", "Cable for USB"}) {
      batch.setString("title", title);
      batch.setLong("price_cents", title.length());
      batch.endRow();
    }
    batch.endGroup();
    features = pipeline.transform(batch);
  }
}
