import io.buzzsaw.Batch;
import io.buzzsaw.FeatureMatrix;
import io.buzzsaw.Pipeline;
import io.buzzsaw.SparsePart;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a pipeline over Arrow columns through the public API of the jar, value by value. */
public final class ParityRows {
  /** Fingerprints of the rows. */
  public final long[] fingerprints;

  /** Where the bytes of each row end. */
  public final long[] ends;

  /** Row bytes: dense bits, then each sparse part's name, count, indices and values. */
  public final byte[] bits;

  /** Explanations of the rows asked for. */
  public final String[] explained;

  /** How many texts there were, were given as strings, and had an unpaired surrogate then; zeros for bytes. */
  public final long[] texts;

  /**
   * Transforms.
   *
   * @param pipeline the pipeline
   * @param columns one an input of the pipeline, in its order
   * @param rows how many rows
   * @param groups row offsets, or null for a batch without groups
   * @param strings whether text is given as Java strings where it can be
   * @param explain rows to explain
   * @param whole whether the bytes of rows are wanted, and not their fingerprints alone
   */
  public ParityRows(
      Pipeline pipeline,
      ArrowColumn[] columns,
      int rows,
      int[] groups,
      boolean strings,
      int[] explain,
      boolean whole) {
    boolean[] query = new boolean[columns.length];
    for (int i = 0; i < query.length; i++) {
      query[i] = groups != null && pipeline.inputs().get(i).side() == io.buzzsaw.Input.Side.QUERY;
    }
    JavaText text = strings ? new JavaText() : null;
    try (Batch batch = pipeline.newBatch(4L << 30)) {
      int group = 0;
      for (int row = 0; row < rows; row++) {
        boolean starts = groups != null && groups[group] == row;
        if (starts) {
          batch.startGroup();
        }
        for (int i = 0; i < columns.length; i++) {
          if (!query[i] || starts) {
            columns[i].set(batch, i, row, text);
          }
        }
        batch.endRow();
        if (starts) {
          group++;
        }
        if (groups != null && groups[group] == row + 1) {
          batch.endGroup();
        }
      }
      FeatureMatrix matrix = pipeline.transform(batch);
      fingerprints = new long[rows];
      for (int row = 0; row < rows; row++) {
        fingerprints[row] = matrix.fingerprint(row);
      }
      ends = new long[rows];
      bits = whole ? collect(pipeline, matrix) : new byte[0];
      explained = new String[explain.length];
      for (int i = 0; i < explain.length; i++) {
        explained[i] = pipeline.explain(batch, explain[i]);
      }
    }
    texts = text == null ? new long[3] : new long[] {text.texts, text.strings, text.unpaired};
  }

  private byte[] collect(Pipeline pipeline, FeatureMatrix matrix) {
    List<String> names = pipeline.sparseFeatureNames();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteBuffer word = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < matrix.rows(); row++) {
      for (int i = 0; i < matrix.denseFeatureCount(); i++) {
        put(out, word, Float.floatToRawIntBits(matrix.get(row, i)));
      }
      for (String name : names) {
        SparsePart part = matrix.sparse(name);
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        put(out, word, utf8.length);
        out.write(utf8, 0, utf8.length);
        put(out, word, part.count(row));
        for (int entry = 0; entry < part.count(row); entry++) {
          put(out, word, part.column(row, entry));
        }
        for (int entry = 0; entry < part.count(row); entry++) {
          put(out, word, Float.floatToRawIntBits(part.value(row, entry)));
        }
      }
      ends[row] = out.size();
    }
    return out.toByteArray();
  }

  private static void put(ByteArrayOutputStream out, ByteBuffer word, int value) {
    word.putInt(0, value);
    out.write(word.array(), 0, 4);
  }
}
