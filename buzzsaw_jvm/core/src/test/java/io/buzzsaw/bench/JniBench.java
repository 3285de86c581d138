package io.buzzsaw.bench;

import io.buzzsaw.Batch;
import io.buzzsaw.FeatureMatrix;
import io.buzzsaw.Pipeline;
import io.buzzsaw.SparsePart;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The Java side of {@code benches/jni.py}: requests through {@link Batch}, beside the Rust example {@code jni_peer}.
 *
 * <p>{@code JniBench ARTIFACT CANDIDATES} warms up, prints {@code ready}, and answers each line of its input with a
 * run: the median nanoseconds of a batch, from its first append to the last read of its output; the fingerprints of all
 * rows of all requests, each rotated by its row's position, by exclusive or; and a digest of every value read. Both
 * sides make the same rows by the same formula, so the last two must be equal.
 */
public final class JniBench {
  /** Different requests, in turn, so that no batch is the one before it. */
  private static final int REQUESTS = 16;

  /** Long enough for the JIT to compile both loops and the batch's setters at their last tier. */
  private static final long WARM_UP = 4_000_000_000L;

  private static final long RUN = 200_000_000L;
  private static final int MOST_BATCHES = 1 << 17;
  private static final long NOW = 1_760_000_000_000_000L;
  private static final long HOUR = 3_600_000_000L;
  private static final String[] SYLLABLES = {
    "ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu", "hy"
  };

  /** What the compiler must not see to be unused. */
  private static volatile long sink;

  private final Pipeline pipeline;
  private final Batch batch;
  private final int query;
  private final int now;
  private final int title;
  private final int price;
  private final int releasedAt;
  private final String[] sparseNames;
  private final long[] nanoseconds = new long[MOST_BATCHES];

  private JniBench(Pipeline pipeline, Batch batch) {
    this.pipeline = pipeline;
    this.batch = batch;
    query = pipeline.inputIndex("query");
    now = pipeline.inputIndex("now");
    title = pipeline.inputIndex("title");
    price = pipeline.inputIndex("price");
    releasedAt = pipeline.inputIndex("released_at");
    sparseNames = pipeline.sparseFeatureNames().toArray(new String[0]);
  }

  /** A number below 2^24 for a row and one of its 31 uses. */
  private static long number(long row, long usage) {
    return (row * 31 + usage) * 0x9e37_79b9_7f4a_7c15L >>> 40;
  }

  /** One of 4,096 words of three syllables; squaring makes some of them frequent. */
  private static String word(long row, long position) {
    long spread = number(row, position) & 4095;
    int at = (int) (spread * spread >> 12);
    return SYLLABLES[at & 15] + SYLLABLES[at >> 4 & 15] + SYLLABLES[at >> 8];
  }

  private static String words(long row, long count) {
    StringBuilder words = new StringBuilder();
    for (long position = 0; position < count; position++) {
      words.append(position == 0 ? "" : " ").append(word(row, position));
    }
    return words.toString();
  }

  private static final class Candidate {
    final String title;
    final boolean priced;
    final double price;
    final long releasedAt;

    Candidate(long row) {
      long cents = number(row, 29);
      title = words(row, 8 + row % 5);
      priced = cents % 17 != 0;
      price = cents % 100_000 / 100.0;
      releasedAt = NOW - number(row, 30) % 100_000 * HOUR;
    }
  }

  private static final class Request {
    final String query;
    final Candidate[] candidates;

    Request(int request, int count) {
      long first = (long) request * count;
      query = words(first, 2);
      candidates = new Candidate[count];
      for (int i = 0; i < count; i++) {
        candidates[i] = new Candidate(first + i);
      }
    }
  }

  /** The timed span: appends, evaluates, reads every value. */
  private long serve(Request request) {
    batch.clear();
    batch.startGroup();
    batch.setString(query, request.query);
    batch.setLong(now, NOW);
    for (Candidate candidate : request.candidates) {
      batch.setString(title, candidate.title);
      if (candidate.priced) {
        batch.setDouble(price, candidate.price);
      }
      batch.setLong(releasedAt, candidate.releasedAt);
      batch.endRow();
    }
    batch.endGroup();
    return read(pipeline.transform(batch));
  }

  /** Reads every value; the digest depends on the order of rows and of dense features. */
  private long read(FeatureMatrix matrix) {
    long seen = 0;
    int width = matrix.denseFeatureCount();
    for (int row = 0; row < matrix.rows(); row++) {
      long values = 0;
      for (int feature = 0; feature < width; feature++) {
        values = values * 31 + bits(matrix.get(row, feature));
      }
      for (String name : sparseNames) {
        SparsePart part = matrix.sparse(name);
        int count = part.count(row);
        for (int i = 0; i < count; i++) {
          values ^= (long) part.column(row, i) << 32 | bits(part.value(row, i));
        }
      }
      seen ^= Long.rotateLeft(values, row);
    }
    return seen;
  }

  private static long bits(float value) {
    return Integer.toUnsignedLong(Float.floatToRawIntBits(value));
  }

  /** Fingerprints and values of all requests, as the other side must have them. */
  private String checks(Request[] requests) {
    long fingerprints = 0;
    long values = 0;
    for (Request request : requests) {
      values ^= serve(request);
      FeatureMatrix matrix = pipeline.transform(batch);
      for (int row = 0; row < matrix.rows(); row++) {
        fingerprints ^= Long.rotateLeft(matrix.fingerprint(row), row);
      }
    }
    return Long.toHexString(fingerprints) + " " + Long.toHexString(values);
  }

  /** The median nanoseconds of a batch within a time. */
  private long run(Request[] requests, long time) {
    long begun = System.nanoTime();
    int batches = 0;
    do {
      Request request = requests[batches % requests.length];
      long start = System.nanoTime();
      long values = serve(request);
      nanoseconds[batches++] = System.nanoTime() - start;
      sink = values;
    } while (batches < MOST_BATCHES && System.nanoTime() - begun <= time);
    Arrays.sort(nanoseconds, 0, batches);
    return nanoseconds[batches / 2];
  }

  /**
   * Runs the benchmark.
   *
   * @param args the artifact, and the number of candidates of a request
   * @throws IOException when the input cannot be read
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      throw new IllegalArgumentException("give ARTIFACT CANDIDATES");
    }
    int candidates = Integer.parseInt(args[1]);
    Request[] requests = new Request[REQUESTS];
    for (int i = 0; i < requests.length; i++) {
      requests[i] = new Request(i, candidates);
    }
    try (Pipeline pipeline = Pipeline.load(Path.of(args[0]));
        Batch batch = pipeline.newBatch()) {
      JniBench bench = new JniBench(pipeline, batch);
      long begun = System.nanoTime();
      do {
        bench.run(requests, RUN);
      } while (System.nanoTime() - begun < WARM_UP);
      System.out.println("ready");
      BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      while (input.readLine() != null) {
        long median = bench.run(requests, RUN);
        System.out.println(median + " " + bench.checks(requests));
      }
    }
  }
}
