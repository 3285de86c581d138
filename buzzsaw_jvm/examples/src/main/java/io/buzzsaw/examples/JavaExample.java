package io.buzzsaw.examples;

import io.buzzsaw.Batch;
import io.buzzsaw.FeatureMatrix;
import io.buzzsaw.Pipeline;
import java.nio.file.Path;

/** The example of the README. */
public final class JavaExample {
  private JavaExample() {}

  /**
   * Prints a feature of a row.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    try (Pipeline pipeline = Pipeline.load(Path.of("shop.buzzsaw"));
         Batch batch = pipeline.newBatch()) {
      batch.startGroup();
      batch.setString("query", "red shoes");
      batch.setString("title", "Red running shoes");
      batch.setLong("price_cents", 4999);
      batch.endRow();
      batch.endGroup();
      FeatureMatrix features = pipeline.transform(batch);
      System.out.println(features.get(0, "title_bm25"));
    }
  }
}
