package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a row costs Java's heap once a batch has its memory. */
class AllocationTest {
  private static final String SPEC =
      String.join(
          "\n",
          "buzzsaw: 1",
          "name: allocations",
          "inputs:",
          "  count: {type: int64, side: document}",
          "  price: {type: float64, side: document}",
          "  sold: {type: bool, side: document}",
          "  title: {type: string, side: document}",
          "  tags: {type: list<string>, side: document}",
          "  sizes: {type: map<float64>, side: document}",
          "steps:",
          "  words: {transform: tokenize, input: title, analyzer: english}",
          "  title_terms: {transform: hashed_terms, input: words, bits: 18}",
          "  tag_terms: {transform: hashed_terms, input: tags, bits: 18}",
          "  width: {transform: map_get, input: sizes, key: width}",
          "features: [count, price, sold, title_terms, tag_terms, width]");

  private static final String TITLE = "Wireless mouse, 2.4 GHz";

  /** What a byte array of the title takes: its bytes and a header of at most 24 bytes, as a whole number of 8. */
  private static final int TITLE_ARRAY = (TITLE.length() + 24 + 7) / 8 * 8;

  /** Appends and transforms, and prints the bytes that each row of the later batches took on the heap. */
  public static final class Rows {
    private static final int ROWS = 2_000;
    private static final byte[] UTF8 = TITLE.getBytes(StandardCharsets.UTF_8);
    private static final StringBuilder CHARACTERS = new StringBuilder(TITLE);
    private static final byte[] KEY = "width".getBytes(StandardCharsets.UTF_8);

    private final Pipeline pipeline = Pipeline.compile(SPEC);
    private final Batch batch = pipeline.newBatch();
    private final int count = pipeline.inputIndex("count");
    private final int price = pipeline.inputIndex("price");
    private final int sold = pipeline.inputIndex("sold");
    private final int title = pipeline.inputIndex("title");
    private final int tags = pipeline.inputIndex("tags");
    private final int sizes = pipeline.inputIndex("sizes");

    private interface Row {
      void append(int row);
    }

    /** A batch of such rows, transformed and read. */
    private void batch(Row appended) {
      batch.clear();
      for (int row = 0; row < ROWS; row++) {
        appended.append(row);
        batch.endRow();
      }
      FeatureMatrix features = pipeline.transform(batch);
      for (int row = 0; row < ROWS; row++) {
        features.get(row, 0);
        features.fingerprint(row);
      }
    }

    private static long allocated() {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    private void print(String name, Row row) {
      batch(row); // takes the memory that later batches reuse
      long before = allocated();
      batch(row);
      batch(row);
      System.out.println(name + " " + (allocated() - before) / (2 * ROWS));
    }

    private void tags() {
      batch.beginList(tags);
      batch.addUtf8(UTF8, 0, 8);
      batch.addUtf8(UTF8, 9, 5);
      batch.endList();
    }

    private void sizes(double width) {
      batch.beginMap(sizes);
      batch.keyUtf8(KEY, 0, KEY.length);
      batch.addDouble(width);
      batch.endMap();
    }

    /** Runs; the values are ones that no cache of boxes holds. */
    public static void main(String[] arguments) {
      Rows rows = new Rows();
      rows.print("nothing", row -> {});
      rows.print("long", row -> rows.batch.setLong(rows.count, 1_000_000L + row));
      rows.print("double", row -> rows.batch.setDouble(rows.price, row + 0.5));
      rows.print("boolean", row -> rows.batch.setBoolean(rows.sold, row % 2 == 0));
      rows.print("bytes", row -> rows.batch.setUtf8(rows.title, UTF8, 0, UTF8.length));
      rows.print("missing", row -> rows.batch.setMissing(rows.title));
      rows.print("list", row -> rows.tags());
      rows.print("map", row -> rows.sizes(row + 0.5));
      rows.print("name", row -> rows.batch.setLong("count", 1_000_000L + row));
      rows.print("characters", row -> rows.batch.setString(rows.title, CHARACTERS));
      rows.print("string", row -> rows.batch.setString(rows.title, TITLE));
      rows.batch.close();
      rows.pipeline.close();
    }
  }

  @Test
  void aRowTakesNothingOfTheHeapAndAStringItsBytes(@TempDir Path folder) throws IOException, InterruptedException {
    // Compiled code may leave out a box that is not needed; interpreted code makes each.
    Forked ran = Forked.run(folder, List.of("-Xint"), Rows.class);
    assertEquals(0, ran.exit, ran.output);
    List<String> lines = ran.output.lines().collect(Collectors.toList());
    List<String> names =
        List.of("nothing", "long", "double", "boolean", "bytes", "missing", "list", "map", "name", "characters");
    assertEquals(names.stream().map(name -> name + " 0").collect(Collectors.toList()), lines.subList(0, names.size()));
    String string = lines.get(names.size());
    long taken = Long.parseLong(string.replace("string ", ""));
    assertTrue(taken >= TITLE.length() && taken <= TITLE_ARRAY, string);
  }
}
