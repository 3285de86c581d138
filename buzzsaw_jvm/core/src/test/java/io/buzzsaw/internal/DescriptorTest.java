package io.buzzsaw.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DescriptorTest {
  private final GrowableBuffer.Budget budget = new GrowableBuffer.Budget(1 << 20);

  @BeforeAll
  static void load() {
    NativeLoader.load();
  }

  private static void collect() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(10);
    }
  }

  /** What the buffer has now, for a look at whether it is still there. */
  private static WeakReference<ByteBuffer> memoryOf(GrowableBuffer buffer) {
    return new WeakReference<>(buffer.buffer());
  }

  @Test
  void whatWasDescribedStaysUntilItIsReleased() throws InterruptedException {
    GrowableBuffer input = new GrowableBuffer(budget);
    GrowableBuffer output = new GrowableBuffer(budget);
    input.putLong(7);
    output.reserve(100);
    WeakReference<ByteBuffer> read = memoryOf(input);
    WeakReference<ByteBuffer> written = memoryOf(output);
    Descriptor words = new Descriptor(budget);
    words.putBytes(input);
    words.putRoom(output);
    assertEquals(8, words.getLong(8));
    assertTrue(words.getLong(24) >= 100);
    // What only a thread that misuses the batch does, while another is in native code.
    input.reserve(10_000);
    budget.release();
    collect();
    assertNotNull(read.get());
    assertNotNull(written.get());
    words.release();
    collect();
    assertNull(read.get());
    assertNull(written.get());
  }

  @Test
  void thereIsRoomForAnyNumberOfBuffers() {
    Descriptor words = new Descriptor(budget);
    GrowableBuffer buffer = new GrowableBuffer(budget);
    for (int round = 0; round < 2; round++) {
      words.clear();
      for (int i = 0; i < 100; i++) {
        words.putBytes(buffer);
      }
      assertEquals(1600, words.size());
    }
  }
}
