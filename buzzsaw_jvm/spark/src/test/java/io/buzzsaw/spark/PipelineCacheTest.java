package io.buzzsaw.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.buzzsaw.Batch;
import io.buzzsaw.BuzzsawException;
import io.buzzsaw.ClosedException;
import io.buzzsaw.Mode;
import io.buzzsaw.Pipeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class PipelineCacheTest {
  private static final byte[] ARTIFACT = artifact();

  private static final long MOST = 256L << 20;

  private final PipelineCache cache = new PipelineCache(2, Duration.ofHours(1), MOST);

  private static byte[] artifact() {
    String spec = "buzzsaw: 1\nname: t\ninputs: {x: {type: float64, side: document}}\nfeatures: [x]";
    try (Pipeline pipeline = Pipeline.compile(spec)) {
      return pipeline.toBytes();
    }
  }

  private static void assertClosed(Pipeline pipeline) {
    assertThrows(ClosedException.class, () -> pipeline.newBatch().close());
  }

  private static void assertOpen(Pipeline pipeline) {
    pipeline.newBatch().close();
  }

  @Test
  void tasksThatStartTogetherLoadAnArtifactOnce() throws InterruptedException {
    AtomicInteger loads = new AtomicInteger();
    CountDownLatch start = new CountDownLatch(1);
    List<PipelineCache.Lease> leases = new ArrayList<>();
    List<Thread> tasks = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Thread task = new Thread(() -> {
        try {
          start.await();
        } catch (InterruptedException e) {
          return;
        }
        PipelineCache.Lease lease = cache.lease("a", () -> {
          loads.incrementAndGet();
          return ARTIFACT;
        });
        synchronized (leases) {
          leases.add(lease);
        }
      });
      task.start();
      tasks.add(task);
    }
    start.countDown();
    for (Thread task : tasks) {
      task.join();
    }
    assertEquals(1, loads.get());
    assertEquals(8, leases.size());
    leases.forEach(lease -> assertSame(leases.get(0).pipeline(), lease.pipeline()));
  }

  @Test
  void theLongestUnusedIsClosedAndWhatIsInUseIsNot() {
    PipelineCache.Lease used = cache.lease("used", () -> ARTIFACT);
    List<Pipeline> idle = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      PipelineCache.Lease lease = cache.lease(name, () -> ARTIFACT);
      idle.add(lease.pipeline());
      lease.close();
      lease.close();
    }
    assertClosed(idle.get(0));
    assertOpen(idle.get(1));
    assertOpen(idle.get(2));
    assertOpen(used.pipeline());
    assertEquals(3, cache.open());
    assertSame(idle.get(1), cache.lease("b", () -> null).pipeline());
  }

  @Test
  void whatWasGivenBackFirstIsClosedFirstWhateverWasOpenedFirst() {
    List<PipelineCache.Lease> leases = new ArrayList<>();
    for (String name : List.of("long", "b", "c")) {
      leases.add(cache.lease(name, () -> ARTIFACT));
    }
    leases.get(2).close();
    leases.get(1).close();
    leases.get(0).close();
    assertClosed(leases.get(2).pipeline());
    assertOpen(leases.get(1).pipeline());
    assertOpen(leases.get(0).pipeline());
  }

  @Test
  void whatIsIdleForLongIsClosed() throws InterruptedException {
    PipelineCache hasty = new PipelineCache(2, Duration.ofMillis(20), MOST);
    PipelineCache.Lease used = hasty.lease("used", () -> ARTIFACT);
    PipelineCache.Lease idle = hasty.lease("idle", () -> ARTIFACT);
    idle.close();
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (hasty.open() > 1 && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    assertEquals(1, hasty.open());
    assertOpen(used.pipeline());
    used.close();
  }

  private static Set<Thread> sweepers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("buzzsaw-pipeline-cache"))
        .collect(Collectors.toSet());
  }

  @Test
  void theThreadThatClosesThemEndsWithTheLastOneAndComesBack() throws InterruptedException {
    PipelineCache hasty = new PipelineCache(2, Duration.ofMillis(500), MOST);
    for (int round = 0; round < 2; round++) {
      Set<Thread> others = sweepers();
      hasty.lease("a", () -> ARTIFACT).close();
      Set<Thread> started = sweepers();
      started.removeAll(others);
      assertEquals(1, started.size());
      Thread sweeper = started.iterator().next();
      sweeper.join(Duration.ofSeconds(60).toMillis());
      assertFalse(sweeper.isAlive());
      assertEquals(0, hasty.open());
    }
  }

  @Test
  void anArtifactThatCannotBeLoadedIsAskedForAgain() {
    assertThrows(BuzzsawException.class, () -> cache.lease("a", () -> new byte[] {1, 2, 3}));
    assertEquals(0, cache.open());
    assertOpen(cache.lease("a", () -> ARTIFACT).pipeline());
  }

  private static Batch used(PipelineCache.Lease lease, long most) {
    Batch batch = lease.batch(Mode.SERVE, most);
    assertEquals(0, batch.rows());
    batch.setDouble(0, 1.0);
    batch.endRow();
    lease.pipeline().transform(batch);
    return batch;
  }

  private PipelineCache.Lease lease() {
    return cache.lease("a", () -> ARTIFACT);
  }

  @Test
  void aBatchServesTheNextTaskOfItsKind() {
    PipelineCache.Lease first = lease();
    Batch batch = used(first, 1 << 20);
    first.giveBack(true);
    first.close();
    assertNotSame(batch, used(lease(), 1 << 21));
    assertSame(batch, used(lease(), 1 << 20));
  }

  @Test
  void batchesOfAKindThatNoTaskAsksForMakeRoom() {
    int kept = Runtime.getRuntime().availableProcessors();
    List<PipelineCache.Lease> leases = new ArrayList<>();
    List<Batch> batches = new ArrayList<>();
    for (int i = 0; i <= kept; i++) {
      leases.add(lease());
      batches.add(used(leases.get(i), (1 << 20) + i));
    }
    leases.forEach(lease -> lease.giveBack(true));
    assertThrows(ClosedException.class, batches.get(0)::clear);
    assertSame(batches.get(kept), used(lease(), (1 << 20) + kept));
  }

  /** A batch with so many rows of 8 bytes, whose buffers have at least as much memory. */
  private static Batch filled(PipelineCache.Lease lease, int rows) {
    Batch batch = lease.batch(Mode.SERVE, 1L << 30);
    for (int row = 0; row < rows; row++) {
      batch.setDouble(0, row);
      batch.endRow();
    }
    return batch;
  }

  @Test
  void idleBatchesKeepNoMoreThanTheLimitTogether() {
    PipelineCache small = new PipelineCache(2, Duration.ofHours(1), 3 << 20);
    List<PipelineCache.Lease> leases = new ArrayList<>();
    List<Batch> batches = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      leases.add(small.lease("a", () -> ARTIFACT));
      batches.add(filled(leases.get(i), 250_000));
    }
    long each = batches.get(1).directBytes();
    assertTrue(each > 3 << 19 && each <= 3 << 20, "two pass the limit and one does not: " + each);
    leases.forEach(lease -> lease.giveBack(true));
    assertThrows(ClosedException.class, batches.get(0)::clear);
    batches.get(1).clear();
    assertEquals(each, batches.get(1).directBytes());
  }

  @Test
  void theLimitIsOneBatchForEachCoreOfAnExecutor() {
    SparkConf conf = new SparkConf(false);
    assertEquals(256L << 20, PipelineCache.keptTogether(null));
    assertEquals(256L << 20, PipelineCache.keptTogether(conf));
    assertEquals(64L << 20, PipelineCache.keptTogether(conf.clone().set("spark.executor.cores", "1")));
    assertEquals(4L << 30, PipelineCache.keptTogether(conf.clone().set("spark.executor.cores", "64")));
  }

  @Test
  void aBatchThatFailedOrIsLargeIsClosed() {
    PipelineCache.Lease lease = lease();
    Batch failed = used(lease, 1 << 20);
    lease.giveBack(false);
    assertThrows(ClosedException.class, failed::clear);
    Batch large = filled(lease, 10_000_000);
    assertTrue(large.directBytes() > 64 << 20);
    lease.giveBack(true);
    assertThrows(ClosedException.class, large::clear);
    assertEquals(0, large.directBytes());
  }

  @Test
  void batchesAreClosedWithTheirPipeline() {
    PipelineCache none = new PipelineCache(0, Duration.ofHours(1), MOST);
    PipelineCache.Lease lease = none.lease("a", () -> ARTIFACT);
    Batch batch = used(lease, 1 << 20);
    lease.giveBack(true);
    batch.clear();
    lease.close();
    assertClosed(lease.pipeline());
    assertThrows(ClosedException.class, batch::clear);
  }
}
