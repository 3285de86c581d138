package io.buzzsaw;

import io.buzzsaw.internal.BatchMemory;
import io.buzzsaw.internal.Failures;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The features of a batch: a dense row-major matrix of floats, and named sparse parts.
 *
 * <p>A missing dense value is the one canonical NaN ({@code 0x7fc00000}); no value is -0.0. It is a view of its batch's
 * memory: the batch's next transform replaces it. Buffers taken from it before stay readable, after the batch is closed
 * too, but the next transform writes to the same memory unless it needs more: copy what must stay as it is. Threads may
 * read it at once, as long as none changes its batch.
 *
 * <pre>{@code
 * FeatureMatrix features = pipeline.transform(batch);
 * FloatBuffer dense = features.denseBuffer(); // row after row, for a model that takes a whole batch
 * SparsePart terms = features.sparse("query_x_title");
 * for (int row = 0; row < features.rows(); row++) {
 *   FloatBuffer values = features.denseRow(row); // a view: nothing is copied
 *   double score = bias;
 *   for (int i = 0; i < values.limit(); i++) {
 *     score += Float.isNaN(values.get(i)) ? 0 : weights[i] * values.get(i);
 *   }
 *   for (int i = 0; i < terms.count(row); i++) {
 *     score += terms.value(row, i) * termWeights[terms.column(row, i)];
 *   }
 *   scores.add(score);
 *   fingerprints.add(features.fingerprint(row)); // what a training table holds for equal features
 * }
 * }</pre>
 */
public final class FeatureMatrix {
  private final Batch batch;
  private final List<String> denseNames;
  private final int width;
  private final SparsePart[] parts;
  private int rows;
  private ByteBuffer memory;
  private FloatBuffer dense;
  private volatile LongBuffer fingerprints;
  private volatile LongBuffer servedFingerprints;

  FeatureMatrix(Batch batch, Pipeline pipeline) {
    this.batch = batch;
    denseNames = pipeline.denseFeatureNames();
    width = denseNames.size();
    List<String> sparse = pipeline.sparseFeatureNames();
    parts = new SparsePart[sparse.size()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new SparsePart(sparse.get(i), pipeline.sparseColumns(sparse.get(i)));
    }
  }

  /** Shows no rows, as after a transform that failed, and lets go of memory that is the output's no more. */
  void clear(BatchMemory output) {
    rows = 0;
    fingerprints = null;
    servedFingerprints = null;
    if (memory != output.output(0)) {
      memory = null;
      dense = null;
    }
    for (SparsePart part : parts) {
      part.clear();
    }
  }

  /** Shows the output of a transform. */
  void show(int newRows, BatchMemory output) {
    rows = newRows;
    fingerprints = null;
    servedFingerprints = null;
    if (memory != output.output(0)) {
      memory = output.output(0);
      dense = memory.asFloatBuffer();
    }
    for (int i = 0; i < parts.length; i++) {
      parts[i].show(newRows, output.output(1 + 3 * i), output.output(2 + 3 * i), output.output(3 + 3 * i));
    }
  }

  /**
   * The number of rows.
   *
   * @return the number that the batch had
   */
  public int rows() {
    return rows;
  }

  /**
   * The number of dense features.
   *
   * @return the matrix's width
   */
  public int denseFeatureCount() {
    return width;
  }

  /**
   * A dense feature of a row.
   *
   * @param row the row's position
   * @param feature the feature's position in {@link Pipeline#denseFeatureNames}
   * @return the value; NaN is missing
   * @throws IndexOutOfBoundsException when there is no such row or feature
   */
  public float get(int row, int feature) {
    Objects.checkIndex(row, rows);
    Objects.checkIndex(feature, width);
    return dense.get(row * width + feature);
  }

  /**
   * A dense feature of a row, by name; the position is faster.
   *
   * @param row the row's position
   * @param feature the feature's name
   * @return the value; NaN is missing
   * @throws InvalidValueException when there is no such dense feature
   */
  public float get(int row, String feature) {
    int index = denseNames.indexOf(feature);
    if (index < 0) {
      throw noSuch("dense", feature);
    }
    return get(row, index);
  }

  /**
   * The dense matrix, row after row, without a copy.
   *
   * @return {@link #rows} times {@link #denseFeatureCount} floats, read-only
   */
  public FloatBuffer denseBuffer() {
    if (rows * width == 0) {
      return FloatBuffer.allocate(0).asReadOnlyBuffer();
    }
    return dense.asReadOnlyBuffer().limit(rows * width);
  }

  /**
   * The dense features of a row, without a copy.
   *
   * @param row the row's position
   * @return {@link #denseFeatureCount} floats from position 0, read-only
   * @throws IndexOutOfBoundsException when there is no such row
   */
  public FloatBuffer denseRow(int row) {
    Objects.checkIndex(row, rows);
    return denseBuffer().position(row * width).limit((row + 1) * width).slice();
  }

  /**
   * A sparse part.
   *
   * @param feature the feature's name
   * @return the part, a view as this matrix is
   * @throws InvalidValueException when there is no such sparse feature
   */
  public SparsePart sparse(String feature) {
    for (SparsePart part : parts) {
      if (part.name().equals(feature)) {
        return part;
      }
    }
    throw noSuch("sparse", feature);
  }

  /**
   * The fingerprint of a row: xxh3-64 over its output bits, as in every runtime. The first call after a transform
   * computes those of all rows.
   *
   * @param row the row's position
   * @return equal for equal bits
   * @throws IndexOutOfBoundsException when there is no such row
   * @throws ClosedException when the batch was closed before they were computed
   * @throws ResourceLimitException when they pass the batch's limit
   */
  public long fingerprint(int row) {
    Objects.checkIndex(row, rows);
    return fingerprints().get(row);
  }

  /**
   * The fingerprints of all rows, without a copy.
   *
   * @return {@link #rows} fingerprints, read-only
   * @throws ClosedException when the batch was closed before they were computed
   * @throws ResourceLimitException when they pass the batch's limit
   */
  public LongBuffer fingerprintBuffer() {
    if (rows == 0) {
      return LongBuffer.allocate(0).asReadOnlyBuffer();
    }
    return fingerprints().asReadOnlyBuffer().limit(rows);
  }

  private LongBuffer fingerprints() {
    LongBuffer known = fingerprints;
    if (known == null) {
      known = batch.fingerprints(rows).asLongBuffer();
      fingerprints = known;
    }
    return known;
  }

  /**
   * The fingerprint that a row has as served, for batches in {@link Mode#TRAIN}. The first call after a transform
   * computes all rows again, without folds; the batch must still hold them.
   *
   * @param row the row's position
   * @return equal for equal bits
   * @throws IndexOutOfBoundsException when there is no such row
   * @throws InvalidValueException when the batch was cleared or changed before they were computed
   * @throws ClosedException when the batch was closed before they were computed
   * @throws ResourceLimitException when they, or the features as served, pass the batch's limit
   */
  public long servedFingerprint(int row) {
    Objects.checkIndex(row, rows);
    LongBuffer known = servedFingerprints;
    if (known == null) {
      known = batch.servedFingerprints(rows).asLongBuffer();
      servedFingerprints = known;
    }
    return known.get(row);
  }

  private BuzzsawException noSuch(String kind, String feature) {
    List<String> sparseNames = Arrays.stream(parts).map(SparsePart::name).collect(Collectors.toList());
    String hint;
    if (denseNames.contains(feature)) {
      hint = "it is dense: use get(row, \"" + feature + "\")";
    } else if (sparseNames.contains(feature)) {
      hint = "it is sparse: use sparse(\"" + feature + "\")";
    } else {
      List<String> known = kind.equals("dense") ? denseNames : sparseNames;
      hint = known.isEmpty() ? "there is none of that kind" : "known: " + String.join(", ", known);
    }
    return Failures.invalid("features." + feature, "there is no " + kind + " feature `" + feature + "`", hint);
  }
}
