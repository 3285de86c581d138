package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
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
          "  query: {type: string, side: query}",
          "  boost: {type: float64, side: query}",
          "  stock: {type: int32, side: document}",
          "  weight: {type: float32, side: document}",
          "  amount: {type: decimal, side: document}",
          "  ids: {type: list<int64>, side: document}",
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
          "  query_words: {transform: tokenize, input: query, analyzer: english}",
          "  query_terms: {transform: hashed_terms, input: query_words, bits: 18}",
          "  id_count: {transform: list_length, input: ids}",
          "features: [count, price, sold, stock, weight, amount, boost, id_count, title_terms, tag_terms, query_terms, width]");

  private static final String TITLE = "Wireless mouse, 2.4 GHz";

  /** What a byte array of the title takes: its bytes and a header of at most 24 bytes, as a whole number of 8. */
  private static final int TITLE_ARRAY = (TITLE.length() + 24 + 7) / 8 * 8;

  /** Appends and transforms, and prints the bytes that each row of the later batches took on the heap. */
  public static final class Rows {
    private static final int ROWS = 2_000;
    private static final byte[] UTF8 = TITLE.getBytes(StandardCharsets.UTF_8);
    private static final StringBuilder CHARACTERS = new StringBuilder(TITLE);
    private static final byte[] KEY = "width".getBytes(StandardCharsets.UTF_8);
    private static final StringBuilder KEY_CHARACTERS = new StringBuilder("width");
    private static final ByteBuffer HEAP = ByteBuffer.wrap(UTF8);
    private static final ByteBuffer DIRECT = ByteBuffer.allocateDirect(UTF8.length).put(UTF8).flip();

    /** Rows of a group; divides those of a batch. */
    private static final int GROUP = 4;

    private final Pipeline pipeline = Pipeline.compile(SPEC);
    private final Batch batch = pipeline.newBatch();
    private final int count = pipeline.inputIndex("count");
    private final int price = pipeline.inputIndex("price");
    private final int sold = pipeline.inputIndex("sold");
    private final int title = pipeline.inputIndex("title");
    private final int tags = pipeline.inputIndex("tags");
    private final int sizes = pipeline.inputIndex("sizes");
    private final int query = pipeline.inputIndex("query");
    private final int boost = pipeline.inputIndex("boost");
    private final int stock = pipeline.inputIndex("stock");
    private final int weight = pipeline.inputIndex("weight");
    private final int amount = pipeline.inputIndex("amount");
    private final int ids = pipeline.inputIndex("ids");

    private interface Row {
      void append(int row);
    }

    /** A batch of such rows, transformed and read; with {@code grouped} they start the groups that end here. */
    private void batch(Row appended, boolean grouped) {
      batch.clear();
      for (int row = 0; row < ROWS; row++) {
        appended.append(row);
        batch.endRow();
        if (grouped && row % GROUP == GROUP - 1) {
          batch.endGroup();
        }
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
      print(name, row, false);
    }

    private void print(String name, Row row, boolean grouped) {
      batch(row, grouped); // takes the memory that later batches reuse
      long before = allocated();
      batch(row, grouped);
      batch(row, grouped);
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
      batch.key(KEY_CHARACTERS);
      batch.addDouble(width);
      batch.endMap();
    }

    private void ids(int row) {
      batch.beginList(ids);
      batch.addLong(1_000_000L + row);
      batch.addLong(2_000_000L + row);
      batch.endList();
    }

    private void group(int row) {
      if (row % GROUP == 0) {
        batch.startGroup();
        batch.setUtf8(query, UTF8, 0, UTF8.length);
        batch.setDouble(boost, row + 0.5);
      }
      batch.setLong(count, 1_000_000L + row);
    }

    /** Runs; the values are ones that no cache of boxes holds. */
    public static void main(String[] arguments) {
      Rows rows = new Rows();
      rows.print("nothing", row -> {});
      rows.print("long", row -> rows.batch.setLong(rows.count, 1_000_000L + row));
      rows.print("double", row -> rows.batch.setDouble(rows.price, row + 0.5));
      rows.print("int", row -> rows.batch.setInt(rows.stock, 1_000_000 + row));
      rows.print("float", row -> rows.batch.setFloat(rows.weight, row + 0.5f));
      rows.print("decimal", row -> rows.batch.setDecimal(rows.amount, 1_000_000L + row, 2));
      rows.print("boolean", row -> rows.batch.setBoolean(rows.sold, row % 2 == 0));
      rows.print("bytes", row -> rows.batch.setUtf8(rows.title, UTF8, 0, UTF8.length));
      rows.print("heap", row -> rows.batch.setUtf8(rows.title, HEAP));
      rows.print("missing", row -> rows.batch.setMissing(rows.title));
      rows.print("list", row -> rows.tags());
      rows.print("longs", row -> rows.ids(row));
      rows.print("map", row -> rows.sizes(row + 0.5));
      rows.print("groups", rows::group, true);
      rows.print("name", row -> rows.batch.setLong("count", 1_000_000L + row));
      rows.print("characters", row -> rows.batch.setString(rows.title, CHARACTERS));
      rows.print("string", row -> rows.batch.setString(rows.title, TITLE));
      rows.print("direct", row -> rows.batch.setUtf8(rows.title, DIRECT));
      rows.batch.close();
      rows.pipeline.close();
    }
  }

  /** What costs nothing, in the order of the program. */
  private static final List<String> FREE =
      List.of(
          "nothing",
          "long",
          "double",
          "int",
          "float",
          "decimal",
          "boolean",
          "bytes",
          "heap",
          "missing",
          "list",
          "longs",
          "map",
          "groups",
          "name",
          "characters");

  /** What a view of a direct buffer takes at most. */
  private static final int VIEW = 96;

  @Test
  void aRowTakesNothingOfTheHeapButTheBytesOfAStringAndTheViewOfADirectBuffer(@TempDir Path folder)
      throws IOException, InterruptedException {
    // Compiled code may leave out a box that is not needed; interpreted code makes each.
    Forked ran = Forked.run(folder, List.of("-Xint"), Rows.class);
    assertEquals(0, ran.exit, ran.output);
    List<String> lines = ran.output.lines().collect(Collectors.toList());
    assertEquals(FREE.stream().map(name -> name + " 0").collect(Collectors.toList()), lines.subList(0, FREE.size()));
    String string = lines.get(FREE.size());
    long taken = Long.parseLong(string.replace("string ", ""));
    assertTrue(taken >= TITLE.length() && taken <= TITLE_ARRAY, string);
    String direct = lines.get(FREE.size() + 1);
    long view = Long.parseLong(direct.replace("direct ", ""));
    assertTrue(view > 0 && view <= VIEW, direct);
  }
}
