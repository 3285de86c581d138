package io.buzzsaw.internal;

import io.buzzsaw.ResourceLimitException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A direct little-endian buffer that grows by doubling, within a budget that the buffers of a batch share.
 *
 * <p>The garbage collector owns the memory: whatever a caller still holds stays readable, even after its batch is
 * closed. One thread at a time may use it, as its batch says.
 */
public final class GrowableBuffer {
  /** Native code reads 16-byte integers at aligned addresses only. */
  private static final int ALIGNMENT = 16;

  /** Room for the alignment, below Java's limit for a buffer. */
  private static final int MAX_CAPACITY = Integer.MAX_VALUE - 64;

  private static final int FIRST_CAPACITY = 1024;
  private static final ByteBuffer NONE = ByteBuffer.allocate(0);

  private final Budget budget;
  private final boolean ofRows;
  private Memory memory = Memory.NONE;

  /** That of the memory, and how long it is: what every value that is appended asks for. */
  private ByteBuffer buffer = NONE;

  /** What may be filled: the capacity, or nothing of a row's buffer while the budget is cut. */
  private int end;

  private int capacity;
  private int size;

  /** A buffer's bytes, which stay where they are as long as this is reachable. */
  static final class Memory {
    private static final Memory NONE = new Memory(GrowableBuffer.NONE, 0, 0);

    final long address;
    final int capacity;
    private final ByteBuffer bytes;

    private Memory(ByteBuffer bytes, long address, int capacity) {
      this.bytes = bytes;
      this.address = address;
      this.capacity = capacity;
    }
  }

  /** The bytes that the buffers of one batch may hold together. */
  public static final class Budget {
    private final long limit;
    private final List<GrowableBuffer> buffers = new ArrayList<>();
    private long used;
    private boolean cut;

    /**
     * A budget.
     *
     * @param limit the number of bytes
     */
    public Budget(long limit) {
      this.limit = limit;
    }

    /**
     * Empties the buffers and takes their memory when it is more than half of the limit, so that any of them may have
     * it next. Views of the memory stay readable.
     */
    public void releaseWhenScarce() {
      if (used > limit / 2) {
        release();
      }
    }

    /** Lets go of the memory of all buffers, which the collector then frees; views of it stay readable. */
    public void release() {
      buffers.forEach(GrowableBuffer::release);
    }

    /**
     * Refuses what a batch is asked after a value passed the limit, a part of which may be in a buffer.
     *
     * @throws io.buzzsaw.InvalidValueException until {@link #forgetCut}
     */
    public void checkNotCut() {
      if (cut) {
        throw Failures.invalid(
            "batch", "a value before passed the limit of the batch, and may be there in part", "clear() the batch");
      }
    }

    /** Says that all buffers are emptied. */
    public void forgetCut() {
      if (cut) {
        cut = false;
        buffers.forEach(buffer -> buffer.end = buffer.capacity);
      }
    }

    /** From now on nothing is appended to rows, whichever buffer has room. */
    private void cut() {
      cut = true;
      buffers.forEach(buffer -> buffer.end = buffer.ofRows ? 0 : buffer.capacity);
    }

    /**
     * What the buffers hold.
     *
     * @return bytes of direct memory
     */
    public long used() {
      return used;
    }
  }

  /**
   * An empty buffer without memory, for what rows are given.
   *
   * @param budget what it may grow to
   */
  public GrowableBuffer(Budget budget) {
    this(budget, true);
  }

  /** One that passes the limit alone, unless it is of rows: then all of them are refused what comes after. */
  GrowableBuffer(Budget budget, boolean ofRows) {
    this.budget = budget;
    this.ofRows = ofRows;
    budget.buffers.add(this);
  }

  /**
   * The number of bytes appended.
   *
   * @return the size
   */
  public int size() {
    return size;
  }

  long address() {
    return memory.address;
  }

  /** What native code may be given; later growth moves on to another. */
  Memory memory() {
    return memory;
  }

  /** The bytes themselves, whole and little-endian; later growth moves on to other memory. */
  ByteBuffer buffer() {
    return memory.bytes;
  }

  void putByte(int value) {
    int at = room(1);
    buffer.put(at, (byte) value);
  }

  /**
   * Appends four bytes.
   *
   * @param value the bytes
   */
  public void putInt(int value) {
    int at = room(Integer.BYTES);
    buffer.putInt(at, value);
  }

  void putLong(long value) {
    int at = room(Long.BYTES);
    buffer.putLong(at, value);
  }

  void putFloat(float value) {
    int at = room(Float.BYTES);
    buffer.putFloat(at, value);
  }

  void putDouble(double value) {
    int at = room(Double.BYTES);
    buffer.putDouble(at, value);
  }

  void putBytes(byte[] bytes, int offset, int length) {
    int at = room(length);
    buffer.position(at);
    buffer.put(bytes, offset, length);
  }

  void putBytes(ByteBuffer bytes) {
    if (bytes.hasArray()) {
      putBytes(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
      return;
    }
    int at = room(bytes.remaining());
    buffer.position(at);
    // A view, since other threads may read the same buffer by its position.
    buffer.put(bytes.duplicate());
  }

  /**
   * Keeps the first bytes.
   *
   * @param newSize how many
   */
  public void truncate(int newSize) {
    size = Math.min(size, newSize);
  }

  /** Forgets what was appended and makes room for so many bytes. */
  void reserve(long bytes) {
    size = 0;
    if (bytes > capacity) {
      grow(bytes);
    }
  }

  private int room(int bytes) {
    int at = size;
    if (bytes > end - at) {
      makeRoom((long) at + bytes);
    }
    size = at + bytes;
    return at;
  }

  private void makeRoom(long needed) {
    if (ofRows) {
      budget.checkNotCut();
    }
    try {
      grow(needed);
    } catch (ResourceLimitException e) {
      if (ofRows) {
        budget.cut();
      }
      throw e;
    }
  }

  private void grow(long needed) {
    if (needed > MAX_CAPACITY) {
      throw Failures.limit(
          "a buffer of " + needed + " bytes would pass 2 GiB, the limit of the JVM for one buffer",
          "use smaller batches");
    }
    long affordable = Math.min(MAX_CAPACITY, budget.limit - budget.used + capacity);
    if (needed > affordable) {
      throw Failures.limit(
          "a buffer of " + needed + " bytes would pass the batch's limit of " + budget.limit + " bytes",
          "use smaller batches, or open the batch with a higher limit");
    }
    // Half of the rest is left for the other buffers, those of the output too.
    long most = needed + (affordable - needed) / 2;
    long wanted = Math.max(needed, Math.max(FIRST_CAPACITY, 2L * capacity));
    int least = (int) Math.min(most, wanted);
    int grown = (least + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ByteBuffer bytes;
    try {
      bytes = ByteBuffer.allocateDirect(grown + ALIGNMENT).alignedSlice(ALIGNMENT).order(ByteOrder.LITTLE_ENDIAN);
    } catch (OutOfMemoryError e) {
      throw Failures.limit(
          "the JVM has no direct memory for " + grown + " bytes", "raise -XX:MaxDirectMemorySize, or use smaller batches");
    }
    buffer.position(0).limit(size);
    bytes.put(buffer);
    bytes.clear();
    memory = new Memory(bytes, Native.address(bytes), grown);
    buffer = bytes;
    budget.used += grown - capacity;
    capacity = grown;
    end = grown;
  }

  private void release() {
    budget.used -= capacity;
    memory = Memory.NONE;
    buffer = NONE;
    capacity = 0;
    end = 0;
    size = 0;
  }
}
