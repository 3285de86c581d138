package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.buzzsaw.internal.ErrorTable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class ErrorTableTest {
  private static String className(String code) {
    StringBuilder name = new StringBuilder();
    for (String word : code.substring("BZ_".length()).split("_")) {
      name.append(word.charAt(0)).append(word.substring(1).toLowerCase(java.util.Locale.ROOT));
    }
    return name + "Exception";
  }

  @Test
  void everyCodeHasItsClass() {
    assertTrue(ErrorTable.CODES.size() >= 13);
    for (String code : ErrorTable.CODES) {
      List<Problem> problems = List.of(new Problem(code, "m", "p", "h"));
      BuzzsawException made = ErrorTable.exception(code, problems, "trace");
      assertEquals(className(code), made.getClass().getSimpleName());
      assertEquals(code, made.code());
      assertEquals(code + ": p: m (h)", made.getMessage());
      assertEquals("trace", made.rustBacktrace());
    }
    List<Problem> problems = List.of(new Problem("BZ_NEW", "m", "", ""));
    assertEquals(InternalException.class, ErrorTable.exception("BZ_NEW", problems, null).getClass());
  }

  @Test
  void problemsAreWrittenAsRustWritesThem() {
    Problem first = new Problem("BZ_IO", "a \"b\"\\\n\t\u0001\u00e9", "", "");
    Problem second = new Problem("BZ_CLOSED", "m", "p", "h");
    IoException exception = new IoException(List.of(first, second), null);
    assertEquals(
        "[{\"code\":\"BZ_IO\",\"message\":\"a \\\"b\\\"\\\\\\n\\t\\u0001\u00e9\",\"place\":\"\",\"hint\":\"\"},"
            + "{\"code\":\"BZ_CLOSED\",\"message\":\"m\",\"place\":\"p\",\"hint\":\"h\"}]",
        exception.problemsJson());
    assertEquals(first + "\n" + second, exception.getMessage());
  }

  @Test
  void exceptionsSurviveSerialisation() throws IOException, ClassNotFoundException {
    IoException thrown = new IoException(List.of(new Problem("BZ_IO", "m", "p", "h")), "trace");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(thrown);
    }
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      BuzzsawException read = (BuzzsawException) in.readObject();
      assertEquals(thrown.problemsJson(), read.problemsJson());
      assertEquals("trace", read.rustBacktrace());
    }
  }
}
