package io.buzzsaw.internal;

import java.nio.ByteBuffer;

/** The memory of a batch: its descriptor and its output buffers. One call a batch, once buffers are long enough. */
public final class BatchMemory {
  private static final int TRIPLE = 3 * Long.BYTES;
  private static final int HEADER = 3 * Long.BYTES;

  private final NativeHandle handle;
  private final int denseFeatures;
  private final Descriptor words;
  private final GrowableBuffer fingerprints;
  private final GrowableBuffer servedFingerprints;

  /** The dense matrix, then row starts, indices and values of each sparse part. */
  private final GrowableBuffer[] outputs;

  private int outputAt;

  /**
   * Memory for batches of one pipeline.
   *
   * @param handle the batch's handle
   * @param denseFeatures the number of dense features
   * @param sparseFeatures the number of sparse features
   * @param budget what the output may grow to
   */
  public BatchMemory(NativeHandle handle, int denseFeatures, int sparseFeatures, GrowableBuffer.Budget budget) {
    this.handle = handle;
    this.denseFeatures = denseFeatures;
    this.words = new Descriptor(budget);
    this.fingerprints = new GrowableBuffer(budget);
    this.servedFingerprints = new GrowableBuffer(budget);
    this.outputs = new GrowableBuffer[1 + 3 * sparseFeatures];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = new GrowableBuffer(budget);
    }
  }

  /**
   * Evaluates a batch; its output is in {@link #output}.
   *
   * @param pipeline the pipeline's handle
   * @param rows the number of rows
   * @param groups row offsets of the groups; empty when there are none
   * @param columns the columns
   */
  public void transform(long pipeline, int rows, GrowableBuffer groups, ColumnBuffer[] columns) {
    outputs[0].reserve((long) rows * denseFeatures * Float.BYTES);
    for (int i = 1; i < outputs.length; i += 3) {
      outputs[i].reserve((rows + 1L) * Long.BYTES);
    }
    long batch = handle.get();
    try {
      describe(rows, groups, columns);
      if (!Native.transform(pipeline, batch, words.address(), words.size())) {
        for (int i = 0; i < outputs.length; i++) {
          outputs[i].reserve(words.getLong(outputAt + i * TRIPLE + 2 * Long.BYTES));
        }
        describe(rows, groups, columns);
        Native.fetch(batch, words.address(), words.size());
      }
    } finally {
      words.release();
    }
  }

  /**
   * Explains a row.
   *
   * @param pipeline the pipeline's handle
   * @param rows the number of rows
   * @param groups row offsets of the groups; empty when there are none
   * @param columns the columns
   * @param row the row
   * @return canonical JSON
   */
  public String explain(long pipeline, int rows, GrowableBuffer groups, ColumnBuffer[] columns, long row) {
    long batch = handle.get();
    try {
      describe(rows, groups, columns);
      return Native.explain(pipeline, batch, words.address(), words.size(), row);
    } finally {
      words.release();
    }
  }

  /**
   * The fingerprints of the last output's rows; a batch that is closed takes no memory for them.
   *
   * @param rows the number of rows
   * @return 64-bit integers
   */
  public ByteBuffer fingerprints(int rows) {
    long batch = handle.get();
    long bytes = (long) rows * Long.BYTES;
    fingerprints.reserve(bytes);
    Native.fingerprints(batch, fingerprints.address(), bytes);
    return fingerprints.buffer();
  }

  /**
   * The fingerprints that a batch's rows have as served.
   *
   * @param rows the number of rows
   * @param groups row offsets of the groups; empty when there are none
   * @param columns the columns
   * @return 64-bit integers
   */
  public ByteBuffer servedFingerprints(int rows, GrowableBuffer groups, ColumnBuffer[] columns) {
    long batch = handle.get();
    long bytes = (long) rows * Long.BYTES;
    servedFingerprints.reserve(bytes);
    try {
      describe(rows, groups, columns);
      Native.servedFingerprints(batch, words.address(), words.size(), servedFingerprints.address(), bytes);
    } finally {
      words.release();
    }
    return servedFingerprints.buffer();
  }

  /**
   * An output buffer.
   *
   * @param i 0 for the dense matrix, else 1 to 3 for row starts, indices and values of the first sparse part, and so on
   * @return the buffer, which moves when a later batch needs a longer one
   */
  public ByteBuffer output(int i) {
    return outputs[i].buffer();
  }

  private void describe(int rows, GrowableBuffer groups, ColumnBuffer[] columns) {
    boolean grouped = groups.size() > 0;
    words.clear();
    words.putLong(rows);
    words.putLong(grouped ? 1 : 0);
    words.putLong(0);
    if (grouped) {
      words.putBytes(groups);
    }
    for (ColumnBuffer column : columns) {
      column.describe(words);
    }
    outputAt = words.size();
    words.setLong(HEADER - Long.BYTES, outputAt / Long.BYTES);
    for (GrowableBuffer output : outputs) {
      words.putRoom(output);
    }
  }
}
