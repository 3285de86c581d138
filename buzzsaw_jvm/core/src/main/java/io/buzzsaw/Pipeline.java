package io.buzzsaw;

import io.buzzsaw.internal.Description;
import io.buzzsaw.internal.Failures;
import io.buzzsaw.internal.Native;
import io.buzzsaw.internal.NativeHandle;
import io.buzzsaw.internal.NativeLoader;
import io.buzzsaw.internal.TableDescription;
import io.buzzsaw.internal.Utf8Encoder;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.nio.charset.Charset;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A compiled feature spec with its fitted state: immutable, and shared between threads.
 *
 * <pre>{@code
 * try (Pipeline pipeline = Pipeline.load(Path.of("shop_search.buzzsaw"));
 *     Batch batch = pipeline.newBatch()) {
 *   batch.startGroup();
 *   batch.setString("query", "usb cable");
 *   batch.setString("title", "USB-C cable, 2 m");
 *   batch.setLong("price_cents", 1999);
 *   batch.endRow();
 *   batch.setString("title", "Wireless mouse");
 *   batch.endRow(); // without a price: it is missing
 *   batch.endGroup();
 *   FeatureMatrix features = pipeline.transform(batch);
 *   float first = features.get(0, pipeline.denseFeatureNames().indexOf("log_price"));
 * }
 * }</pre>
 *
 * <p>Every method may be called from many threads at once; a {@link Batch} belongs to one thread at a time. Closing
 * twice does nothing; use after closing throws {@link ClosedException}; calls under way in other threads end as if the
 * pipeline were open.
 */
public final class Pipeline implements AutoCloseable {
  /** What a batch may hold unless it is opened with another limit: 1 GiB. */
  public static final long DEFAULT_BATCH_BYTES = 1L << 30;

  private final NativeHandle handle;
  private final String name;
  private final String contentHash;
  private final boolean needsGroups;
  private final List<Input> inputs;
  private final List<String> featureNames;
  private final List<String> denseFeatureNames;
  private final Map<String, Long> sparseColumns;
  private final List<String> sparseFeatureNames;
  private final Map<String, Integer> inputIndices = new HashMap<>();
  private final boolean hasFolds;
  private final String groupInput;
  private final List<Input> trainingInputs;

  private Pipeline(long open) {
    handle = NativeHandle.ofPipeline(this, open);
    Description description = new Description(Native.describe(open));
    name = description.name;
    contentHash = description.contentHash;
    handle.name("`" + name + "` (" + contentHash + ")");
    needsGroups = description.needsGroups;
    for (String[] input : description.inputs) {
      inputIndices.put(input[0], inputIndices.size());
    }
    List<String> all = new ArrayList<>();
    List<String> dense = new ArrayList<>();
    List<String> sparse = new ArrayList<>();
    Map<String, Long> columns = new HashMap<>();
    for (String[] feature : description.features) {
      all.add(feature[0]);
      if (feature[1].equals("sparse")) {
        sparse.add(feature[0]);
        columns.put(feature[0], Long.parseLong(feature[2]));
      } else {
        dense.add(feature[0]);
      }
    }
    inputs = inputs(description.inputs);
    TableDescription table = new TableDescription(Native.describeTable(open));
    hasFolds = table.hasFolds;
    groupInput = table.groupInput;
    trainingInputs = inputs(table.inputs);
    featureNames = Collections.unmodifiableList(all);
    denseFeatureNames = Collections.unmodifiableList(dense);
    sparseFeatureNames = Collections.unmodifiableList(sparse);
    sparseColumns = columns;
  }

  private static List<Input> inputs(List<String[]> described) {
    List<Input> inputs = new ArrayList<>();
    for (String[] input : described) {
      Input.Side side = Input.Side.valueOf(input[2].toUpperCase(java.util.Locale.ROOT));
      inputs.add(new Input(input[0], input[1], side));
    }
    return Collections.unmodifiableList(inputs);
  }

  /**
   * Loads an artifact; its large state stays in a memory map that processes share.
   *
   * <p>While a pipeline has the file open it must not be overwritten in place, as {@code cp} does: the system kills a
   * JVM that then reads lost pages with a bus error, and changed bytes are not noticed. To replace it, write another
   * file beside it and rename that over it. {@link #load(InputStream)} and {@link #load(byte[])} have a copy of their
   * own, which that does not touch.
   *
   * @param artifact the file
   * @return the open pipeline
   * @throws IoException when it cannot be read, or no native library can be loaded
   * @throws CorruptArtifactException when it is truncated, changed, not an artifact, or holds state that another build
   *     wrote in another form
   * @throws UnsupportedVersionException when its format is newer, or it needs Unicode, Snowball or time zone tables
   *     that this library does not have
   */
  public static Pipeline load(Path artifact) {
    NativeLoader.load();
    if (artifact.getFileSystem() != FileSystems.getDefault()) {
      try (InputStream stream = Files.newInputStream(artifact)) {
        return load(stream);
      } catch (IOException e) {
        throw unreadable(e);
      }
    }
    // The JVM's own encoding of file names.
    Charset names = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    return new Pipeline(Native.load(artifact.toAbsolutePath().toString().getBytes(names)));
  }

  /**
   * Loads an artifact from a stream, which is read to its end, into memory, and not closed.
   *
   * @param artifact the artifact's bytes, at most 2 GiB
   * @return the open pipeline
   * @throws IoException when the stream fails
   * @throws ResourceLimitException when the stream is longer
   * @throws CorruptArtifactException as {@link #load(Path)}
   * @throws UnsupportedVersionException as {@link #load(Path)}
   */
  public static Pipeline load(InputStream artifact) {
    return load(artifact, Native.MAX_BYTES);
  }

  static Pipeline load(InputStream artifact, int maxBytes) {
    byte[] bytes;
    try {
      bytes = artifact.readNBytes(maxBytes);
      if (bytes.length == maxBytes && artifact.read() >= 0) {
        throw tooLong(maxBytes);
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    return load(bytes);
  }

  /**
   * Loads an artifact from memory.
   *
   * @param artifact the artifact's bytes
   * @return the open pipeline
   * @throws CorruptArtifactException as {@link #load(Path)}
   * @throws UnsupportedVersionException as {@link #load(Path)}
   */
  public static Pipeline load(byte[] artifact) {
    NativeLoader.load();
    return new Pipeline(Native.loadBytes(artifact));
  }

  /**
   * Compiles a feature spec none of whose steps learns anything.
   *
   * @param spec the spec, YAML or JSON
   * @return the open pipeline
   * @throws InvalidSpecException with every problem of the spec
   * @throws NotFittedException that names every step to fit
   */
  public static Pipeline compile(String spec) {
    NativeLoader.load();
    return new Pipeline(Native.compile(Utf8Encoder.encode(spec)));
  }

  /**
   * The spec's name.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * The columns to append, in the order of their indices; none that serving does not need.
   *
   * @return the inputs
   */
  public List<Input> inputs() {
    return inputs;
  }

  /**
   * The index of an input.
   *
   * @param input its name
   * @return its position in {@link #inputs}
   * @throws InvalidValueException when the pipeline reads no such input
   */
  public int inputIndex(String input) {
    Integer index = inputIndices.get(input);
    if (index == null) {
      throw Failures.invalid(
          "inputs." + input, "the pipeline reads no input `" + input + "`", "it reads " + inputIndices.keySet());
    }
    return index;
  }

  /**
   * The names of all features, dense and sparse.
   *
   * @return the names, in the order of the spec
   */
  public List<String> featureNames() {
    return featureNames;
  }

  /**
   * The names of the dense features.
   *
   * @return the names, in the order of the matrix's columns
   */
  public List<String> denseFeatureNames() {
    return denseFeatureNames;
  }

  /**
   * The names of the sparse features.
   *
   * @return the names, in the order of the spec
   */
  public List<String> sparseFeatureNames() {
    return sparseFeatureNames;
  }

  /**
   * Whether a row's features depend on the other rows of its group, so that batches need groups.
   *
   * @return true when the spec has steps within a group
   */
  public boolean needsGroups() {
    return needsGroups;
  }

  /**
   * The artifact's content hash: same hash, same features.
   *
   * @return {@code sha256:} and hex digits
   */
  public String contentHash() {
    return contentHash;
  }

  /**
   * The artifact as {@link #load(byte[])} reads it; equal pipelines give equal bytes.
   *
   * @return the file's bytes
   */
  public byte[] toBytes() {
    try {
      return Native.save(handle.get());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Opens a batch that may hold {@link #DEFAULT_BATCH_BYTES}.
   *
   * @return an empty batch, to be reused and closed
   */
  public Batch newBatch() {
    return newBatch(DEFAULT_BATCH_BYTES);
  }

  /**
   * Opens a batch.
   *
   * @param maxBytes limits the direct memory of its inputs and features together, and the native memory of its
   *     features; intermediate values of the steps may use as much again, and 16 MiB in any case
   * @return an empty batch, to be reused and closed
   * @throws ResourceLimitException when that does not hold an empty batch
   */
  public Batch newBatch(long maxBytes) {
    try {
      return new Batch(this, Native.openBatch(handle.get(), maxBytes), inputs, false, maxBytes);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * The columns of a table's rows.
   *
   * @param mode how the rows are seen
   * @return the inputs of serving, under the same indices, and in training the qid after them where folds need it
   */
  public List<Input> inputs(Mode mode) {
    return mode == Mode.TRAIN ? trainingInputs : inputs;
  }

  /**
   * Whether folds change the values of rows in training.
   *
   * @return true when a step is learnt out of fold
   */
  public boolean hasFolds() {
    return hasFolds;
  }

  /**
   * The input with {@code role: group}, which holds the group's id in tables.
   *
   * @return its name, or empty when the spec has none
   */
  public String groupInput() {
    return groupInput;
  }

  /**
   * Opens a batch for the rows of a table: every input is set in every row, in groups too, where the values of a
   * query-side input must be equal. The setters by name know the inputs of serving; see {@link #inputs(Mode)}.
   *
   * @param mode how the rows are seen
   * @param maxBytes limits the direct memory of its inputs and features together, and the native memory of its
   *     features; intermediate values of the steps may use as much again, and 16 MiB in any case
   * @return an empty batch, to be reused and closed
   * @throws ResourceLimitException when that does not hold an empty batch
   */
  public Batch newTableBatch(Mode mode, long maxBytes) {
    try {
      long open = Native.openTable(handle.get(), mode == Mode.TRAIN, maxBytes);
      return new Batch(this, open, inputs(mode), true, maxBytes);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Computes the features of every row of a batch, in one native call.
   *
   * @param batch a batch of this pipeline, all rows and groups ended; it stays as it is
   * @return the features, a view that the batch's next transform replaces
   * @throws MissingInputException without the groups that the spec needs
   * @throws InvalidValueException for a batch of another pipeline or with an open row, or a time out of range
   * @throws ResourceLimitException when the features pass the batch's limit
   */
  public FeatureMatrix transform(Batch batch) {
    try {
      return batch.transform(this, handle.get());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Explains how a row's features came about.
   *
   * @param batch as for {@link #transform}
   * @param row the row's position
   * @return canonical JSON: the value of every step and feature
   * @throws InvalidValueException when there is no such row, else as {@link #transform}
   */
  public String explain(Batch batch, int row) {
    try {
      return batch.explain(this, handle.get(), row);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Frees the pipeline's memory once no call uses it. */
  @Override
  public void close() {
    handle.close();
  }

  /** The spec's name and the content hash. */
  @Override
  public String toString() {
    return "Pipeline(" + name + ", " + contentHash + ")";
  }

  long sparseColumns(String feature) {
    return sparseColumns.get(feature);
  }

  private static BuzzsawException tooLong(int maxBytes) {
    String message = "the stream is longer than " + maxBytes + " bytes, the most that an array of the JVM holds";
    String hint = "write it to a file and load that: it is mapped, whatever its size";
    return new ResourceLimitException(List.of(new Problem("BZ_RESOURCE_LIMIT", message, "artifact", hint)), null);
  }

  private static BuzzsawException unreadable(IOException cause) {
    String hint = "its stream failed: open another one, or load the artifact from a file";
    Problem problem = new Problem("BZ_IO", "the artifact cannot be read: " + cause, "artifact", hint);
    BuzzsawException failure = new IoException(List.of(problem), null);
    failure.initCause(cause);
    return failure;
  }
}
