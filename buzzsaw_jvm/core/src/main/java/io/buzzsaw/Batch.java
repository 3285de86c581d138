package io.buzzsaw;

import io.buzzsaw.internal.BatchMemory;
import io.buzzsaw.internal.Failures;
import io.buzzsaw.internal.GrowableBuffer;
import io.buzzsaw.internal.NativeHandle;
import io.buzzsaw.internal.Utf8Encoder;
import java.lang.ref.Reference;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Rows that are appended value by value to direct buffers, which later batches reuse.
 *
 * <p>A row's inputs are set in any order, each at most once, by index or by name; {@link #endRow} ends it, and what was
 * not set is missing. Between {@link #startGroup} and {@link #endGroup} the rows are the candidates of one request, and
 * a query-side input is set once for all of them. Without groups a query-side input is set in every row.
 *
 * <pre>{@code
 * int title = pipeline.inputIndex("title"); // once; by index no name is looked up
 * try (Batch batch = pipeline.newBatch()) {
 *   for (List<Product> candidates : requests) {
 *     batch.clear();
 *     batch.startGroup();
 *     batch.setString("query", "usb cable"); // once a group: the input's side is `query`
 *     for (Product product : candidates) {
 *       batch.setUtf8(title, product.titleBytes, 0, product.titleBytes.length);
 *       batch.setLong("price_cents", product.priceCents);
 *       batch.beginList("tags");
 *       for (String tag : product.tags) {
 *         batch.addString(tag);
 *       }
 *       batch.endList();
 *       batch.beginMap("attributes");
 *       batch.key("colour");
 *       batch.addString(product.colour); // null: the key has no value
 *       batch.endMap();
 *       batch.endRow();
 *     }
 *     batch.endGroup();
 *     FeatureMatrix features = pipeline.transform(batch);
 *     scores.add(features.get(0, "log_price"));
 *   }
 * }
 * }</pre>
 *
 * <p>After {@link Pipeline#transform} the batch still holds its rows; {@link #clear} empties it to be filled again.
 * A value that is refused leaves the row as it was, unless it passed the limit: then the batch refuses all else until it
 * is cleared. A batch belongs to one thread at a time. Once it has its memory a row takes nothing of the heap, but for a
 * String an array of its bytes, for a direct or read-only ByteBuffer a view of it, and for decimals of changing scales
 * their digits.
 *
 * <p>Every setter throws {@link TypeMismatchException} for a value that the input's type does not take, {@link
 * InvalidValueException} when the input is set already or the call is out of place, {@link IndexOutOfBoundsException} for
 * bytes that an array does not have, {@link ResourceLimitException} past the batch's limit, and {@link ClosedException}
 * after {@link #close}.
 */
public final class Batch implements AutoCloseable {
  private final Pipeline pipeline;
  private final NativeHandle handle;
  private final BatchRows state;
  private final BatchMemory memory;
  private final GrowableBuffer.Budget budget;
  private final FeatureMatrix matrix;
  private final Utf8Encoder encoder = new Utf8Encoder();

  /** Of the rows whose features the matrix shows. */
  private long shownVersion;

  Batch(Pipeline pipeline, long open, List<Input> inputs, boolean table, long maxBytes) {
    this.pipeline = pipeline;
    handle = NativeHandle.ofBatch(this, open);
    handle.name("of the pipeline `" + pipeline.name() + "`");
    budget = new GrowableBuffer.Budget(maxBytes);
    int dense = pipeline.denseFeatureNames().size();
    int sparse = pipeline.sparseFeatureNames().size();
    try {
      state = new BatchRows(handle, inputs, table, budget);
      memory = new BatchMemory(handle, dense, sparse, budget);
    } catch (BuzzsawException e) {
      handle.close();
      throw e;
    }
    matrix = new FeatureMatrix(this, pipeline);
  }

  /**
   * The number of ended rows.
   *
   * @return the count
   */
  public int rows() {
    return state.rows();
  }

  /**
   * Sets an input to text or bytes as they are.
   *
   * @param input the input's index
   * @param source holds the bytes, for {@code string} (UTF-8, repaired by the core) and {@code binary}; null is missing
   * @param offset where they start
   * @param length how many there are
   */
  public void setUtf8(int input, byte[] source, int offset, int length) {
    state.enter(input).putUtf8(source, offset, length);
  }

  /**
   * Sets an input to text or bytes as they are.
   *
   * @param input the input's name
   * @param source holds the bytes, for {@code string} (UTF-8, repaired by the core) and {@code binary}; null is missing
   * @param offset where they start
   * @param length how many there are
   */
  public void setUtf8(String input, byte[] source, int offset, int length) {
    setUtf8(pipeline.inputIndex(input), source, offset, length);
  }

  /**
   * Sets an input to text or bytes as they are.
   *
   * @param input the input's index
   * @param source the bytes from position to limit, neither of which moves; null is missing
   */
  public void setUtf8(int input, ByteBuffer source) {
    state.enter(input).putUtf8(source);
  }

  /**
   * Sets an input to text or bytes as they are.
   *
   * @param input the input's name
   * @param source the bytes from position to limit, neither of which moves; null is missing
   */
  public void setUtf8(String input, ByteBuffer source) {
    setUtf8(pipeline.inputIndex(input), source);
  }

  /**
   * Sets an input to text.
   *
   * @param input the input's index
   * @param text for {@code string}; null is missing; an unpaired surrogate becomes one U+FFFD
   */
  public void setString(int input, CharSequence text) {
    state.enter(input).putString(text, encoder);
  }

  /**
   * Sets an input to text.
   *
   * @param input the input's name
   * @param text for {@code string}; null is missing; an unpaired surrogate becomes one U+FFFD
   */
  public void setString(String input, CharSequence text) {
    setString(pipeline.inputIndex(input), text);
  }

  /**
   * Sets an input to a 64-bit integer.
   *
   * @param input the input's index
   * @param value for {@code int64}, or microseconds since the epoch for {@code timestamp}; widens to decimal
   */
  public void setLong(int input, long value) {
    state.enter(input).putLong(value);
  }

  /**
   * Sets an input to a 64-bit integer.
   *
   * @param input the input's name
   * @param value for {@code int64}, or microseconds since the epoch for {@code timestamp}; widens to decimal
   */
  public void setLong(String input, long value) {
    setLong(pipeline.inputIndex(input), value);
  }

  /**
   * Sets an input to a 32-bit integer.
   *
   * @param input the input's index
   * @param value for {@code int32}, or days since 1970-01-01 for {@code date}; widens to int64, float64 and decimal
   */
  public void setInt(int input, int value) {
    state.enter(input).putInt(value);
  }

  /**
   * Sets an input to a 32-bit integer.
   *
   * @param input the input's name
   * @param value for {@code int32}, or days since 1970-01-01 for {@code date}; widens to int64, float64 and decimal
   */
  public void setInt(String input, int value) {
    setInt(pipeline.inputIndex(input), value);
  }

  /**
   * Sets an input to a 64-bit float.
   *
   * @param input the input's index
   * @param value for {@code float64}; NaN is missing
   */
  public void setDouble(int input, double value) {
    state.enter(input).putDouble(value);
  }

  /**
   * Sets an input to a 64-bit float.
   *
   * @param input the input's name
   * @param value for {@code float64}; NaN is missing
   */
  public void setDouble(String input, double value) {
    setDouble(pipeline.inputIndex(input), value);
  }

  /**
   * Sets an input to a 32-bit float.
   *
   * @param input the input's index
   * @param value for {@code float32}; NaN is missing; widens to float64
   */
  public void setFloat(int input, float value) {
    state.enter(input).putFloat(value);
  }

  /**
   * Sets an input to a 32-bit float.
   *
   * @param input the input's name
   * @param value for {@code float32}; NaN is missing; widens to float64
   */
  public void setFloat(String input, float value) {
    setFloat(pipeline.inputIndex(input), value);
  }

  /**
   * Sets an input to a boolean.
   *
   * @param input the input's index
   * @param value for {@code bool}
   */
  public void setBoolean(int input, boolean value) {
    state.enter(input).putBoolean(value);
  }

  /**
   * Sets an input to a boolean.
   *
   * @param input the input's name
   * @param value for {@code bool}
   */
  public void setBoolean(String input, boolean value) {
    setBoolean(pipeline.inputIndex(input), value);
  }

  /**
   * Sets an input to a decimal without an object.
   *
   * @param input the input's index
   * @param unscaled the digits, for {@code decimal}
   * @param scale how many of them are after the point, -128 to 127
   */
  public void setDecimal(int input, long unscaled, int scale) {
    state.enter(input).putDecimal(unscaled, scale);
  }

  /**
   * Sets an input to a decimal without an object.
   *
   * @param input the input's name
   * @param unscaled the digits, for {@code decimal}
   * @param scale how many of them are after the point, -128 to 127
   */
  public void setDecimal(String input, long unscaled, int scale) {
    setDecimal(pipeline.inputIndex(input), unscaled, scale);
  }

  /**
   * Sets an input to a decimal.
   *
   * @param input the input's index
   * @param value for {@code decimal}; null is missing; 128 bits must hold the column at its finest scale
   */
  public void setDecimal(int input, BigDecimal value) {
    state.enter(input).putDecimal(value);
  }

  /**
   * Sets an input to a decimal.
   *
   * @param input the input's name
   * @param value for {@code decimal}; null is missing; 128 bits must hold the column at its finest scale
   */
  public void setDecimal(String input, BigDecimal value) {
    setDecimal(pipeline.inputIndex(input), value);
  }

  /**
   * Sets an input to nothing: the value is missing, as when it is not set.
   *
   * @param input the input's index
   */
  public void setMissing(int input) {
    state.enter(input).putMissing();
  }

  /**
   * Sets an input to nothing: the value is missing, as when it is not set.
   *
   * @param input the input's name
   */
  public void setMissing(String input) {
    setMissing(pipeline.inputIndex(input));
  }

  /**
   * Starts a list; {@code add} methods append its items and {@link #endList} ends it.
   *
   * @param input the input's index
   */
  public void beginList(int input) {
    state.beginNested(input, false);
  }

  /**
   * Starts a list; {@code add} methods append its items and {@link #endList} ends it.
   *
   * @param input the input's name
   */
  public void beginList(String input) {
    beginList(pipeline.inputIndex(input));
  }

  /**
   * Starts a map; a {@code key} method and an {@code add} method append each entry, and {@link #endMap} ends it.
   *
   * @param input the input's index
   */
  public void beginMap(int input) {
    state.beginNested(input, true);
  }

  /**
   * Starts a map; a {@code key} method and an {@code add} method append each entry, and {@link #endMap} ends it.
   *
   * @param input the input's name
   */
  public void beginMap(String input) {
    beginMap(pipeline.inputIndex(input));
  }

  /**
   * Appends text or bytes as they are to the open list, or as the value of the last key to the open map.
   *
   * @param source holds the bytes; null is missing
   * @param offset where they start
   * @param length how many there are
   */
  public void addUtf8(byte[] source, int offset, int length) {
    state.item().putUtf8(source, offset, length);
  }

  /**
   * Appends text or bytes as they are to the open list, or as the value of the last key to the open map.
   *
   * @param source the bytes from position to limit, neither of which moves; null is missing
   */
  public void addUtf8(ByteBuffer source) {
    state.item().putUtf8(source);
  }

  /**
   * Appends text to the open list, or as the value of the last key to the open map.
   *
   * @param text the text; null is missing
   */
  public void addString(CharSequence text) {
    state.item().putString(text, encoder);
  }

  /**
   * Appends a 64-bit integer to the open list, or as the value of the last key to the open map.
   *
   * @param value as for {@link #setLong(int, long)}
   */
  public void addLong(long value) {
    state.item().putLong(value);
  }

  /**
   * Appends a 32-bit integer to the open list, or as the value of the last key to the open map.
   *
   * @param value as for {@link #setInt(int, int)}
   */
  public void addInt(int value) {
    state.item().putInt(value);
  }

  /**
   * Appends a 64-bit float to the open list, or as the value of the last key to the open map.
   *
   * @param value as for {@link #setDouble(int, double)}
   */
  public void addDouble(double value) {
    state.item().putDouble(value);
  }

  /**
   * Appends a 32-bit float to the open list, or as the value of the last key to the open map.
   *
   * @param value as for {@link #setFloat(int, float)}
   */
  public void addFloat(float value) {
    state.item().putFloat(value);
  }

  /**
   * Appends a boolean to the open list, or as the value of the last key to the open map.
   *
   * @param value the item
   */
  public void addBoolean(boolean value) {
    state.item().putBoolean(value);
  }

  /**
   * Appends a decimal to the open list, or as the value of the last key to the open map.
   *
   * @param value as for {@link #setDecimal(int, BigDecimal)}
   */
  public void addDecimal(BigDecimal value) {
    state.item().putDecimal(value);
  }

  /**
   * Appends a decimal to the open list, or as the value of the last key to the open map, without an object.
   *
   * @param unscaled as for {@link #setDecimal(int, long, int)}
   * @param scale as for {@link #setDecimal(int, long, int)}
   */
  public void addDecimal(long unscaled, int scale) {
    state.item().putDecimal(unscaled, scale);
  }

  /** Appends a missing value to the open list, or as the value of the last key to the open map. */
  public void addMissing() {
    state.item().putMissing();
  }

  /**
   * Appends a key to the open map; its value must follow. Of equal keys the last one counts.
   *
   * @param source holds the key in UTF-8; not null
   * @param offset where it starts
   * @param length its length
   */
  public void keyUtf8(byte[] source, int offset, int length) {
    state.map().putKey(source, offset, length);
  }

  /**
   * Appends a key to the open map; its value must follow. Of equal keys the last one counts.
   *
   * @param source the key in UTF-8, from position to limit, neither of which moves; not null
   */
  public void keyUtf8(ByteBuffer source) {
    state.map().putKey(source);
  }

  /**
   * Appends a key to the open map; its value must follow. Of equal keys the last one counts.
   *
   * @param text the key, not null
   */
  public void key(CharSequence text) {
    state.map().putKey(text, encoder);
  }

  /** Ends the open list. */
  public void endList() {
    state.endNested(false);
  }

  /** Ends the open map. */
  public void endMap() {
    state.endNested(true);
  }

  /**
   * Ends the row; inputs that were not set are missing.
   *
   * @throws InvalidValueException while a list or map is open, or outside of groups in a batch with groups
   */
  public void endRow() {
    state.endRow();
  }

  /**
   * Starts a group: the candidates of one request.
   *
   * @throws InvalidValueException within a group, or after rows without one
   */
  public void startGroup() {
    state.startGroup();
  }

  /**
   * Ends the group. A group without rows leaves no trace.
   *
   * @throws InvalidValueException outside of a group, or while a row is not ended
   */
  public void endGroup() {
    state.endGroup();
  }

  /** Empties the batch. It keeps its direct memory while that is at most half of its limit, and its native memory. */
  public synchronized void clear() {
    state.clear();
  }

  /**
   * The direct memory that the batch holds for inputs and features; it is kept when the batch is cleared, unless it is
   * more than half of the batch's limit.
   *
   * @return bytes
   */
  public long directBytes() {
    return budget.used();
  }

  /**
   * Frees the batch's native memory and lets go of its direct memory; buffers taken from its features stay readable. As
   * {@link #clear} does, it waits for a transform of another thread.
   */
  @Override
  public synchronized void close() {
    state.close();
    handle.close();
    budget.release();
  }

  // Native code reads the buffers: while it runs no other thread may empty them or let go of them.
  synchronized FeatureMatrix transform(Pipeline caller, long pipelineHandle) {
    try {
      checkComplete(caller);
      matrix.clear(memory);
      memory.transform(pipelineHandle, state.rows(), state.groups(), state.columns());
      shownVersion = state.version();
      matrix.show(state.rows(), memory);
      return matrix;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  synchronized String explain(Pipeline caller, long pipelineHandle, int row) {
    try {
      checkComplete(caller);
      state.checkRow(row);
      return memory.explain(pipelineHandle, state.rows(), state.groups(), state.columns(), row);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  synchronized ByteBuffer fingerprints(int shown) {
    try {
      return memory.fingerprints(shown);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  synchronized ByteBuffer servedFingerprints(int shown) {
    try {
      state.checkComplete();
      if (state.version() != shownVersion) {
        throw Failures.invalid("batch", "the batch has other rows than its features", "transform it again");
      }
      return memory.servedFingerprints(shown, state.groups(), state.columns());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private void checkComplete(Pipeline caller) {
    state.checkComplete();
    if (caller != pipeline) {
      throw Failures.invalid("batch", "the batch belongs to another pipeline", "open one with its newBatch");
    }
  }
}
