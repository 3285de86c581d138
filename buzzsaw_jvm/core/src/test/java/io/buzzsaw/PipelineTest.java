package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.spi.FileSystemProvider;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipelineTest {
  @Test
  void everyWayToLoadGivesTheSamePipeline(@TempDir Path folder) throws java.io.IOException {
    byte[] artifact;
    String hash;
    try (Pipeline pipeline = Pipeline.compile(Specs.NESTED)) {
      artifact = pipeline.toBytes();
      hash = pipeline.contentHash();
    }
    assertTrue(hash.matches("sha256:[0-9a-f]{64}"), hash);
    Path file = Files.write(folder.resolve("na\u00efve artifact"), artifact);
    try (Pipeline fromPath = Pipeline.load(file);
        Pipeline fromBytes = Pipeline.load(artifact);
        InputStream stream = new ByteArrayInputStream(artifact);
        Pipeline fromStream = Pipeline.load(stream)) {
      for (Pipeline pipeline : List.of(fromPath, fromBytes, fromStream)) {
        assertEquals(hash, pipeline.contentHash());
        assertArrayEquals(artifact, pipeline.toBytes());
        assertEquals("nested", pipeline.name());
        assertFalse(pipeline.needsGroups());
      }
    }
  }

  @Test
  void anArtifactIsReadFromAnyFileSystem(@TempDir Path folder) throws java.io.IOException {
    boolean zips = FileSystemProvider.installedProviders().stream().anyMatch(one -> one.getScheme().equals("jar"));
    assumeTrue(zips, "this run time has no module for zip files");
    URI archive = URI.create("jar:" + folder.resolve("models.zip").toUri());
    try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
      Path inside = Files.write(zip.getPath("shop.buzzsaw"), Fitted.artifact());
      try (Pipeline pipeline = Pipeline.load(inside);
          Pipeline same = Pipeline.load(Fitted.artifact())) {
        assertEquals(same.contentHash(), pipeline.contentHash());
      }
      IoException absent = assertThrows(IoException.class, () -> Pipeline.load(zip.getPath("absent.buzzsaw")));
      assertEquals("BZ_IO", absent.code());
      assertTrue(absent.getMessage().contains("absent.buzzsaw"), absent.getMessage());
    }
  }

  @Test
  void aPipelineTellsWhatItReadsAndMakes() {
    try (Pipeline pipeline = Pipeline.compile(Specs.NESTED)) {
      List<String> inputs = pipeline.inputs().stream().map(Input::toString).collect(Collectors.toList());
      assertEquals(
          List.of(
              "now: timestamp (query)",
              "day: date (document)",
              "title: string (document)",
              "code: binary (document)",
              "tags: list<string> (document)",
              "sizes: map<float64> (document)",
              "counts: map<int32> (document)",
              "names: map<string> (document)"),
          inputs);
      assertEquals(3, pipeline.inputIndex("code"));
      assertEquals(
          List.of("age_days", "title_terms", "code_cross", "tag_terms", "width", "count", "colour_terms"),
          pipeline.featureNames());
      assertEquals(List.of("age_days", "width", "count"), pipeline.denseFeatureNames());
      assertEquals(List.of("title_terms", "code_cross", "tag_terms", "colour_terms"), pipeline.sparseFeatureNames());
    }
  }

  @Test
  void aBadSpecGivesAllItsProblems() {
    InvalidSpecException bad =
        assertThrows(
            InvalidSpecException.class,
            () -> Pipeline.compile("buzzsaw: 1\nname: t\ninputs: {x: {type: int46, side: documnt}}\nfeatures: [x]"));
    assertTrue(bad.problems().size() >= 2, bad.getMessage());
    assertEquals("BZ_INVALID_SPEC", bad.code());
    assertTrue(bad.place().startsWith("inputs.x"), bad.place());
    assertTrue(bad.problems().stream().anyMatch(p -> !p.hint().isEmpty()), "a hint names the nearest type");
    assertNull(bad.rustBacktrace());
    assertThrows(InvalidSpecException.class, () -> Pipeline.compile("name: \uD800"));
    UnknownTransformException unknown =
        assertThrows(
            UnknownTransformException.class,
            () ->
                Pipeline.compile(
                    "buzzsaw: 1\nname: t\ninputs: {x: {type: int64, side: document}}\n"
                        + "steps: {y: {transform: lgo1p, input: x}}\nfeatures: [y]"));
    assertTrue(unknown.getMessage().contains("log1p"), unknown.getMessage());
    NotFittedException unfitted =
        assertThrows(
            NotFittedException.class,
            () ->
                Pipeline.compile(
                    "buzzsaw: 1\nname: t\ninputs: {x: {type: float64, side: document}}\n"
                        + "steps: {y: {transform: standardize, input: x}}\nfeatures: [y]"));
    assertEquals("steps.y", unfitted.place());
  }

  @Test
  void damagedArtifactsAreRefused(@TempDir Path folder) throws java.io.IOException {
    byte[] artifact;
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT)) {
      artifact = pipeline.toBytes();
    }
    CorruptArtifactException none =
        assertThrows(CorruptArtifactException.class, () -> Pipeline.load(new byte[0]));
    assertEquals("BZ_CORRUPT_ARTIFACT", none.code());
    assertFalse(none.problems().get(0).message().isEmpty());
    for (int length : new int[] {1, 21, artifact.length / 2, artifact.length - 1}) {
      byte[] truncated = Arrays.copyOf(artifact, length);
      assertThrows(CorruptArtifactException.class, () -> Pipeline.load(truncated), "length " + length);
      Path file = Files.write(folder.resolve("t" + length), truncated);
      assertThrows(CorruptArtifactException.class, () -> Pipeline.load(file), "length " + length);
    }
    Random random = new Random(3);
    for (int round = 0; round < 200; round++) {
      byte[] changed = artifact.clone();
      int at = random.nextInt(changed.length);
      changed[at] ^= (byte) (1 << random.nextInt(8));
      BuzzsawException refused =
          assertThrows(BuzzsawException.class, () -> Pipeline.load(changed).close(), "byte " + at);
      assertTrue(List.of("BZ_CORRUPT_ARTIFACT", "BZ_UNSUPPORTED_VERSION").contains(refused.code()), refused.code());
    }
    IoException absent = assertThrows(IoException.class, () -> Pipeline.load(folder.resolve("absent")));
    assertEquals("BZ_IO", absent.code());
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws java.io.IOException {
            throw new java.io.IOException("torn wire");
          }
        };
    IoException torn = assertThrows(IoException.class, () -> Pipeline.load(failing));
    assertTrue(torn.getMessage().contains("torn wire"), torn.getMessage());
    assertEquals("artifact", torn.place());
    assertFalse(torn.problems().get(0).hint().isEmpty());
  }

  /** A stream of zeros that counts them and never ends. */
  private static final class Endless extends InputStream {
    private long given;

    @Override
    public int read() {
      given++;
      return 0;
    }
  }

  @Test
  void aStreamPastTheLimitIsRefusedAndOneAtTheLimitIsRead() {
    Endless endless = new Endless();
    ResourceLimitException tooLong =
        assertThrows(ResourceLimitException.class, () -> Pipeline.load(endless, 10_000));
    assertEquals(10_001, endless.given, "nothing is read once it is known");
    assertEquals("BZ_RESOURCE_LIMIT", tooLong.code());
    assertEquals("artifact", tooLong.place());
    assertTrue(tooLong.problems().get(0).message().contains("10000 bytes"), tooLong.getMessage());
    assertTrue(tooLong.problems().get(0).hint().contains("file"), tooLong.getMessage());
    byte[] artifact = Fitted.artifact();
    try (Pipeline whole = Pipeline.load(new ByteArrayInputStream(artifact), artifact.length)) {
      assertEquals("fitted", whole.name());
    }
    assertThrows(
        ResourceLimitException.class,
        () -> Pipeline.load(new ByteArrayInputStream(artifact), artifact.length - 1).close());
  }

  @Test
  void closingTwiceIsFineAndUseAfterwardsIsRefused() {
    Pipeline pipeline = Pipeline.compile(Specs.TEXT);
    Batch batch = pipeline.newBatch();
    batch.setString("title", "a");
    batch.endRow();
    FeatureMatrix matrix = pipeline.transform(batch);
    pipeline.close();
    pipeline.close();
    for (ThrowingCall call :
        List.<ThrowingCall>of(
            () -> pipeline.transform(batch), () -> pipeline.explain(batch, 0), pipeline::newBatch, pipeline::toBytes)) {
      ClosedException closed = assertThrows(ClosedException.class, call::run);
      assertEquals("BZ_CLOSED", closed.code());
      assertEquals("pipeline", closed.place());
    }
    assertEquals("text", pipeline.name(), "what Java holds stays known");
    batch.clear();
    batch.close();
    batch.close();
    for (ThrowingCall call :
        List.<ThrowingCall>of(
            () -> batch.setString("title", "a"),
            () -> batch.setMissing(0),
            () -> batch.addInt(1),
            () -> batch.beginList(0),
            batch::endRow,
            batch::startGroup,
            batch::endGroup,
            batch::endList,
            batch::clear,
            () -> matrix.fingerprint(0))) {
      assertEquals("batch", assertThrows(ClosedException.class, call::run).place());
    }
    assertEquals(1, matrix.sparse("terms").valueBuffer().limit(), "what was read out stays readable");
  }

  private interface ThrowingCall {
    void run();
  }
}
