package io.buzzsaw;

import static io.buzzsaw.Isolated.probeWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.buzzsaw.internal.NativeLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library that {@code buzzsaw.native.path} names. */
class NativePathTest {
  private static final String HERE = new Probe().get();

  @TempDir Path folder;

  private static String[] probed(String path, int loaders) throws ReflectiveOperationException, IOException {
    return probeWith(Map.of(NativeLoader.PATH_PROPERTY, path), loaders);
  }

  private static String probed(Path path) throws ReflectiveOperationException, IOException {
    return probed(path.toString(), 1)[0];
  }

  @Test
  void aNamedLibraryIsLoadedFromItsFileOrFolder() throws ReflectiveOperationException, IOException {
    assertEquals(HERE, probed(Isolated.copyLibrary(folder.resolve("any_name.so"))));
    Path other = Files.createDirectory(folder.resolve("other"));
    Isolated.copyLibrary(other.resolve("libbuzzsaw_jni.so"));
    assertEquals(HERE, probed(other));
  }

  @Test
  void anEmptyNameIsNone() throws ReflectiveOperationException, IOException {
    assertEquals(HERE, probed("", 1)[0]);
  }

  @Test
  void aFolderServesAsManyClassLoadersAsItHoldsCopies() throws ReflectiveOperationException, IOException {
    Path first = Isolated.copyLibrary(folder.resolve("libbuzzsaw_jni.so"));
    Path second = Isolated.copyLibrary(folder.resolve("libbuzzsaw_jni-2.so"));
    Files.writeString(folder.resolve("libbuzzsaw_jni.so.txt"), "not a library");
    Files.writeString(folder.resolve("libother.so"), "not a library");
    String[] said = probed(folder.toString(), 3);
    assertEquals(HERE, said[0]);
    assertEquals(HERE, said[1]);
    assertTrue(said[2].contains("another class loader of this JVM holds " + first + ", " + second + ","), said[2]);
    assertWaysOut(said[2]);
  }

  @Test
  void aFileServesOneClassLoader() throws ReflectiveOperationException, IOException {
    Path file = Isolated.copyLibrary(folder.resolve("libbuzzsaw_jni.so"));
    String[] said = probed(file.toString(), 2);
    assertEquals(HERE, said[0]);
    assertTrue(said[1].contains("another class loader of this JVM holds " + file + ","), said[1]);
    assertWaysOut(said[1]);
  }

  private void assertWaysOut(String refused) {
    assertTrue(refused.startsWith("IoException BZ_IO: native library: "), refused);
    assertTrue(refused.contains("put the jar into a class loader that both share"), refused);
    assertTrue(refused.contains("copies of the file, such as libbuzzsaw_jni-2.so, into " + folder + " and "), refused);
    assertFalse(refused.contains("java.io.tmpdir"), refused);
  }

  @Test
  void thePlainNameIsTriedFirstAndABrokenCopyIsNamed() throws ReflectiveOperationException, IOException {
    Path broken = Files.writeString(folder.resolve("libbuzzsaw_jni-0.so"), "not a library");
    Isolated.copyLibrary(folder.resolve("libbuzzsaw_jni.so"));
    String[] said = probed(folder.toString(), 2);
    assertEquals(HERE, said[0]);
    assertTrue(said[1].contains("tried " + NativeLoader.PATH_PROPERTY + "=" + broken + ": "), said[1]);
  }

  /** Uses the library in a JVM of its own. */
  public static final class Uses {
    /** Runs. */
    public static void main(String[] arguments) {
      System.out.println(new Probe().get());
    }
  }

  @Test
  void aNamedLibraryNeedsNoFolderForTemporaryFiles() throws IOException, InterruptedException {
    Path library = Isolated.copyLibrary(folder.resolve("libbuzzsaw_jni.so"));
    // A property that a JVM reads once.
    String absent = "-Djava.io.tmpdir=" + folder.resolve("absent");
    String named = "-D" + NativeLoader.PATH_PROPERTY + "=" + library;
    String unnamed = Forked.run(folder, List.of(absent), Uses.class).output;
    assertTrue(unnamed.contains("IoException BZ_IO: native library: "), unnamed);
    String loaded = Forked.run(folder, List.of(absent, named), Uses.class).output;
    assertTrue(loaded.lines().anyMatch(HERE::equals), loaded);
  }

  @Test
  void whatCannotBeLoadedIsOneClearError() throws ReflectiveOperationException, IOException {
    String absent = probed(folder.resolve("absent.so"));
    assertTrue(absent.startsWith("IoException BZ_IO: native library: "), absent);
    assertTrue(absent.contains("linux-x86_64 (glibc") && absent.contains("absent.so"), absent);
    String empty = probed(folder);
    assertTrue(empty.contains(folder + ": the folder holds no libbuzzsaw_jni*.so"), empty);
    Path broken = Files.writeString(folder.resolve("broken.so"), "not a library");
    String unloadable = probed(broken);
    assertTrue(unloadable.contains("BZ_IO") && unloadable.contains("broken.so"), unloadable);
    Path foreign = folder.resolve("foreign.so");
    Files.copy(Path.of(System.getProperty("java.home"), "lib", "libverify.so"), foreign);
    String another = probed(foreign);
    assertTrue(another.startsWith("IoException BZ_IO: native library: "), another);
    assertTrue(another.contains("foreign.so: it is not the native library of Buzzsaw"), another);
  }
}
