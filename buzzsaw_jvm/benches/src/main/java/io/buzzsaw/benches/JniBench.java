package io.buzzsaw.benches;

import io.buzzsaw.Batch;
import io.buzzsaw.FeatureMatrix;
import io.buzzsaw.Pipeline;
import io.buzzsaw.SparsePart;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.IterationParams;

/**
 * The mean time of a request through {@link Batch}, from the first append to the last read of the output; {@code
 * benches/jni.py} reads it.
 *
 * <p>After each iteration the Rust example {@code jni_peer} takes a turn of the same length, so that a busy machine
 * slows both alike; its mean is the counter {@link Theirs#nanoseconds}. An iteration whose outputs differ from Rust's
 * fails the benchmark.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 100, time = 100, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Thread)
public class JniBench {
  /** Different requests, in turn, so that no batch is the one before it. */
  private static final int REQUESTS = 16;

  /** The candidates of a request. */
  @Param({"1", "100", "1000"})
  public int candidates;

  /**
   * How the texts are at hand: as UTF-8, as an index holds them and as Rust's are, or as strings of Java, which are
   * objects of their own, as Rust's are not.
   */
  @Param({"utf8", "string"})
  public String text;

  /** The artifact's path. */
  @Param({})
  public String artifact;

  /** The path of {@code jni_peer}. */
  @Param({})
  public String peer;

  private final Request[] requests = new Request[REQUESTS];
  private int next;
  private Pipeline pipeline;
  private Batch batch;
  private Peer rust;
  private int query;
  private int now;
  private int title;
  private int price;
  private int releasedAt;
  private String[] sparseNames;

  /** Where outputs are read: one copy a buffer, and then plain arrays. */
  private float[] dense = {};

  private long[] starts = {};
  private int[] columns = {};
  private float[] weights = {};

  /** The peer's side of an iteration. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Theirs {
    /** The mean of a batch in its turn. */
    public double nanoseconds;
  }

  /**
   * Opens the pipeline and starts the peer.
   *
   * @throws IOException when the peer cannot be started
   */
  @Setup(Level.Trial)
  public void open() throws IOException {
    for (int i = 0; i < REQUESTS; i++) {
      requests[i] = new Request(i, candidates, text.equals("utf8"));
    }
    pipeline = Pipeline.load(Path.of(artifact));
    batch = pipeline.newBatch();
    query = pipeline.inputIndex("query");
    now = pipeline.inputIndex("now");
    title = pipeline.inputIndex("title");
    price = pipeline.inputIndex("price");
    releasedAt = pipeline.inputIndex("released_at");
    sparseNames = pipeline.sparseFeatureNames().toArray(new String[0]);
    rust = new Peer(peer, artifact, candidates);
  }

  /**
   * Ends the peer.
   *
   * @throws IOException when its input cannot be closed
   */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    rust.close();
    batch.close();
    pipeline.close();
  }

  /**
   * Lets the peer take its turn, and compares the outputs.
   *
   * @param theirs where its time goes
   * @param iteration how long a turn is
   * @throws IOException when the peer ended
   */
  @TearDown(Level.Iteration)
  public void letPeerRun(Theirs theirs, IterationParams iteration) throws IOException {
    Peer.Turn turn = rust.run(iteration.getTime().convertTo(TimeUnit.MILLISECONDS));
    String checks = checks();
    if (!checks.equals(turn.checks)) {
      throw new IllegalStateException("the outputs differ from Rust's: " + checks + " and " + turn.checks);
    }
    theirs.nanoseconds = turn.nanoseconds;
  }

  /**
   * Serves one request.
   *
   * @return a digest of every value read
   */
  @Benchmark
  public long serve() {
    next = (next + 1) % REQUESTS;
    return serve(requests[next]);
  }

  private long serve(Request request) {
    batch.clear();
    batch.startGroup();
    set(query, request.query, 0);
    batch.setLong(now, Request.NOW);
    for (int i = 0; i < request.candidates(); i++) {
      set(title, request.titles, i);
      if (request.priced[i]) {
        batch.setDouble(price, request.prices[i]);
      }
      batch.setLong(releasedAt, request.releasedAt[i]);
      batch.endRow();
    }
    batch.endGroup();
    return read(pipeline.transform(batch));
  }

  private void set(int input, Request.Texts given, int i) {
    if (given.utf8 != null) {
      batch.setUtf8(input, given.utf8, given.starts[i], given.starts[i + 1] - given.starts[i]);
    } else {
      batch.setString(input, given.strings[i]);
    }
  }

  /** Reads every value; the digest depends on the order of rows and of dense features. */
  private long read(FeatureMatrix matrix) {
    long seen = 0;
    int rows = matrix.rows();
    int width = matrix.denseFeatureCount();
    FloatBuffer values = matrix.denseBuffer();
    if (dense.length < values.remaining()) {
      dense = new float[values.remaining()];
    }
    values.get(dense, 0, values.remaining());
    for (int row = 0; row < rows; row++) {
      long digest = 0;
      for (int at = row * width; at < (row + 1) * width; at++) {
        digest = digest * 31 + bits(dense[at]);
      }
      seen ^= Long.rotateLeft(digest, row);
    }
    for (String name : sparseNames) {
      read(matrix.sparse(name));
      int at = 0;
      for (int row = 0; row < rows; row++) {
        long digest = 0;
        for (int end = (int) starts[row + 1]; at < end; at++) {
          digest ^= (long) columns[at] << 32 | bits(weights[at]);
        }
        seen ^= Long.rotateLeft(digest, row);
      }
    }
    return seen;
  }

  private void read(SparsePart part) {
    LongBuffer starting = part.startBuffer();
    IntBuffer indices = part.columnBuffer();
    FloatBuffer values = part.valueBuffer();
    if (starts.length < starting.remaining()) {
      starts = new long[starting.remaining()];
    }
    if (columns.length < indices.remaining()) {
      columns = new int[2 * indices.remaining()];
      weights = new float[columns.length];
    }
    starting.get(starts, 0, starting.remaining());
    indices.get(columns, 0, indices.remaining());
    values.get(weights, 0, values.remaining());
  }

  private static long bits(float value) {
    return Integer.toUnsignedLong(Float.floatToRawIntBits(value));
  }

  /** Fingerprints and values of all requests, as the peer must have them. */
  private String checks() {
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
}
