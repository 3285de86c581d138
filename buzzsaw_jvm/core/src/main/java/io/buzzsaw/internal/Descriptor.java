package io.buzzsaw.internal;

import java.lang.ref.Reference;
import java.util.Arrays;

/**
 * The words of one native call, which say where buffers are, and the memory that they point to.
 *
 * <p>The collector does not see addresses, and a thread that misuses the batch may meanwhile grow or release the buffers
 * that were described. What they had then is held here until the call has returned.
 */
final class Descriptor {
  private static final int FIRST_HELD = 16;

  private final GrowableBuffer words;
  private Object[] held = new Object[FIRST_HELD];
  private int count;

  Descriptor(GrowableBuffer.Budget budget) {
    words = new GrowableBuffer(budget, false);
  }

  /** Starts anew. */
  void clear() {
    words.truncate(0);
    release();
  }

  void putLong(long word) {
    words.putLong(word);
  }

  /** Address and size of a buffer. */
  void putBytes(GrowableBuffer buffer) {
    GrowableBuffer.Memory memory = hold(buffer);
    words.putLong(memory.address);
    words.putLong(Math.min(buffer.size(), memory.capacity));
  }

  /** Address and capacity of a buffer that the call fills, and a word for the length that it needs. */
  void putRoom(GrowableBuffer buffer) {
    GrowableBuffer.Memory memory = hold(buffer);
    words.putLong(memory.address);
    words.putLong(memory.capacity);
    words.putLong(0);
  }

  private GrowableBuffer.Memory hold(GrowableBuffer buffer) {
    if (count == held.length) {
      held = Arrays.copyOf(held, 2 * count);
    }
    GrowableBuffer.Memory memory = buffer.memory();
    held[count++] = memory;
    return memory;
  }

  /** Where the words start. */
  long address() {
    return words.address();
  }

  /** The bytes of the words. */
  int size() {
    return words.size();
  }

  /** A word, by its byte's position. */
  long getLong(int at) {
    return words.buffer().getLong(at);
  }

  /** Changes a word, by its byte's position. */
  void setLong(int at, long word) {
    words.buffer().putLong(at, word);
  }

  /** Says that no call needs the memory any more. */
  void release() {
    Reference.reachabilityFence(held);
    Arrays.fill(held, 0, count, null);
    count = 0;
  }
}
