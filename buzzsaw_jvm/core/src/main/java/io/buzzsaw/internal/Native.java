package io.buzzsaw.internal;

import io.buzzsaw.BuzzsawException;
import io.buzzsaw.Problem;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The native methods. Every one throws {@link BuzzsawException}; none is called before {@link NativeLoader#load}.
 *
 * <p>Handles are numbers that native code checks: one that was closed gives {@code BZ_CLOSED}. Addresses are those of
 * direct buffers that the caller keeps reachable until the call returns.
 */
public final class Native {
  /** The version of these methods and of the batch's layout. */
  static final int BOUNDARY = 2;

  /** The longest artifact that {@link #loadBytes} takes: the longest array that every JVM can make. */
  public static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  private Native() {}

  static native int boundary();

  /**
   * Opens an artifact file.
   *
   * @param path its path in the platform's bytes
   * @return the pipeline's handle
   */
  public static native long load(byte[] path);

  /**
   * Opens an artifact in memory.
   *
   * @param artifact the file's bytes
   * @return the pipeline's handle
   */
  public static native long loadBytes(byte[] artifact);

  /**
   * Compiles a spec that learns nothing.
   *
   * @param spec the spec in UTF-8
   * @return the pipeline's handle
   */
  public static native long compile(byte[] spec);

  /**
   * What a pipeline reads and makes, as {@link Description} reads it.
   *
   * @param pipeline the pipeline's handle
   * @return flat text
   */
  public static native String[] describe(long pipeline);

  /**
   * What tables of rows for training have besides, as {@link TableDescription} reads it.
   *
   * @param pipeline the pipeline's handle
   * @return flat text
   */
  public static native String[] describeTable(long pipeline);

  /**
   * Writes an artifact to memory.
   *
   * @param pipeline the pipeline's handle
   * @return the file's bytes
   */
  public static native byte[] save(long pipeline);

  static native void closePipeline(long pipeline);

  /**
   * Opens memory for batches of a pipeline.
   *
   * @param pipeline the pipeline's handle
   * @param maxBytes what the features of a batch may take
   * @return the batch's handle
   */
  public static native long openBatch(long pipeline, long maxBytes);

  /**
   * Opens memory for batches of table rows.
   *
   * @param pipeline the pipeline's handle
   * @param training whether rows see the folds of their qids
   * @param maxBytes what the features of a batch may take
   * @return the batch's handle
   */
  public static native long openTable(long pipeline, boolean training, long maxBytes);

  static native void closeBatch(long batch);

  static native boolean transform(long pipeline, long batch, long address, long bytes);

  static native boolean fetch(long batch, long address, long bytes);

  static native void fingerprints(long batch, long address, long bytes);

  static native void servedFingerprints(long batch, long address, long bytes, long out, long outBytes);

  static native String explain(long pipeline, long batch, long address, long bytes, long row);

  static native long address(ByteBuffer buffer);

  /** Called by native code to make the exception of an error: code, message, place and hint of each problem. */
  static BuzzsawException failure(String[] fields, String rustBacktrace) {
    List<Problem> problems = new ArrayList<>();
    for (int i = 0; i + 3 < fields.length; i += 4) {
      problems.add(new Problem(fields[i], fields[i + 1], fields[i + 2], fields[i + 3]));
    }
    return ErrorTable.exception(fields[0], problems, rustBacktrace);
  }
}
