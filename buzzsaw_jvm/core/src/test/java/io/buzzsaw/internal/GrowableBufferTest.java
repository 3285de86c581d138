package io.buzzsaw.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.buzzsaw.ResourceLimitException;
import org.junit.jupiter.api.Test;

class GrowableBufferTest {
  private static String refusal(long limit, long bytes) {
    GrowableBuffer buffer = new GrowableBuffer(new GrowableBuffer.Budget(limit));
    return assertThrows(ResourceLimitException.class, () -> buffer.reserve(bytes)).problems().get(0).message();
  }

  @Test
  void theLimitThatIsPassedIsNamed() {
    assertEquals("a buffer of 101 bytes would pass the batch's limit of 100 bytes", refusal(100, 101));
    assertEquals(
        "a buffer of 2147483648 bytes would pass 2 GiB, the limit of the JVM for one buffer",
        refusal(1L << 40, 1L << 31));
  }
}
