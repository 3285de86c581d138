package io.buzzsaw;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The fitted artifact of the tests, which {@code fitted.py} made: text, groups, categories, and rates by folds. */
final class Fitted {
  /** Its qids, whose folds differ; all rows of the first were clicked, and none of the second. */
  static final String[] QIDS = {"red shoes", "lamp"};

  private static final String[] TITLES = {"red running shoes", "desk lamp", "red lamp shade", "garden chair", ""};
  private static final String[] SUPPLIERS = {"north", "south", "unseen", null};

  private Fitted() {}

  /** The artifact. */
  static byte[] artifact() {
    try (InputStream artifact = Fitted.class.getResourceAsStream("/fitted.buzzsaw")) {
      return artifact.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Appends two groups of different lengths, which are others for another seed. */
  static void fill(Batch batch, int seed) {
    for (int group = 0; group < 2; group++) {
      batch.startGroup();
      batch.setString("query", QIDS[(seed + group) % QIDS.length] + " " + seed);
      for (int row = 0; row < 10 + seed % 7 + group; row++) {
        batch.setString("title", TITLES[(seed + row) % TITLES.length]);
        batch.setString("supplier", SUPPLIERS[(seed + row * row) % SUPPLIERS.length]);
        batch.setDouble("price", row % 5 == 4 ? Double.NaN : seed + row * 0.5);
        batch.endRow();
      }
      batch.endGroup();
    }
  }
}
