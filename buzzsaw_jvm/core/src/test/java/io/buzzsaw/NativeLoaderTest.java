package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.buzzsaw.internal.NativeLoader;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLoaderTest {
  private static final String HERE = new Probe().get();

  /** A class loader with the library and its tests to itself, which looks into some folders first. */
  private static URLClassLoader isolated(URL... first) {
    URL library = Pipeline.class.getProtectionDomain().getCodeSource().getLocation();
    URL tests = Probe.class.getProtectionDomain().getCodeSource().getLocation();
    URL[] all = Stream.concat(Stream.of(first), Stream.of(library, tests)).toArray(URL[]::new);
    return new URLClassLoader(all, ClassLoader.getPlatformClassLoader());
  }

  private static String probe(ClassLoader loader) throws ReflectiveOperationException {
    Class<?> probe = loader.loadClass(Probe.class.getName());
    assertNotSame(Probe.class, probe);
    return (String) ((Supplier<?>) probe.getConstructor().newInstance()).get();
  }

  private static String probeWith(Map<String, String> properties) throws ReflectiveOperationException, IOException {
    Map<String, String> before = new HashMap<>();
    properties.keySet().forEach(key -> before.put(key, System.getProperty(key)));
    properties.forEach(System::setProperty);
    try (URLClassLoader loader = isolated()) {
      return probe(loader);
    } finally {
      before.forEach(
          (key, value) -> {
            if (value == null) {
              System.clearProperty(key);
            } else {
              System.setProperty(key, value);
            }
          });
    }
  }

  @Test
  void twoClassLoadersHoldTheLibraryAtOnce() throws ReflectiveOperationException, IOException {
    assertTrue(HERE.matches("[0-9a-f]+"), HERE);
    try (URLClassLoader first = isolated();
        URLClassLoader second = isolated()) {
      assertEquals(HERE, probe(first));
      assertEquals(HERE, probe(second));
      assertEquals(HERE, probe(first));
    }
  }

  /** Uses the library in two class loaders, and prints what lies unpacked meanwhile. */
  public static final class Unpacks {
    /** Runs; the argument is the JVM's folder for temporary files. */
    public static void main(String[] arguments) throws ReflectiveOperationException, IOException {
      System.out.println(new Probe().get());
      try (URLClassLoader other = isolated()) {
        System.out.println(probe(other));
      }
      for (Path folder : listed(Path.of(arguments[0]))) {
        System.out.println(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)) + listed(folder).size());
      }
    }
  }

  private static List<Path> listed(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.collect(Collectors.toList());
    }
  }

  @Test
  void theUnpackedFileIsPrivateAndGoneAtExit(@TempDir Path folder) throws IOException, InterruptedException {
    Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
    List<String> options = List.of("-Djava.io.tmpdir=" + unpacked, "-XX:-UsePerfData");
    Forked ran = Forked.run(folder, options, Unpacks.class, unpacked.toString());
    assertEquals(0, ran.exit, ran.output);
    assertEquals(List.of(HERE, HERE, "rwx------1", "rwx------1"), ran.output.lines().collect(Collectors.toList()));
    assertEquals(List.of(), listed(unpacked));
  }

  /** Meets a broken library in the jar's place, twice, and prints what is left of it beside the class's own. */
  public static final class Broken {
    /** Runs; the arguments are the folder to look into first, and the JVM's folder for temporary files. */
    public static void main(String[] arguments) throws ReflectiveOperationException, IOException {
      try (URLClassLoader loader = isolated(Path.of(arguments[0]).toUri().toURL())) {
        for (int i = 0; i < 2; i++) {
          System.out.println(probe(loader));
          System.out.println(listed(Path.of(arguments[1])).size() + " unpacked");
        }
      }
    }
  }

  @Test
  void whatWasUnpackedAndCannotBeLoadedIsDeleted(@TempDir Path folder) throws IOException, InterruptedException {
    Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
    Path broken = Files.createDirectories(folder.resolve("broken/native/linux-x86_64"));
    Files.writeString(broken.resolve("libbuzzsaw_jni.so"), "not a library");
    List<String> options = List.of("-Djava.io.tmpdir=" + unpacked, "-XX:-UsePerfData");
    Forked ran =
        Forked.run(folder, options, Broken.class, folder.resolve("broken").toString(), unpacked.toString());
    assertEquals(0, ran.exit, ran.output);
    assertEquals(2, ran.output.lines().filter(line -> line.startsWith("IoException BZ_IO: ")).count(), ran.output);
    assertEquals(2, ran.output.lines().filter("1 unpacked"::equals).count(), ran.output);
  }

  @Test
  void aFolderThatCannotBeWrittenToIsOneClearError(@TempDir Path folder) throws IOException, InterruptedException {
    // A property that a JVM reads once.
    Path absent = folder.resolve("absent");
    String refused = Forked.run(folder, List.of("-Djava.io.tmpdir=" + absent), Unpacks.class, folder.toString()).output;
    assertTrue(refused.contains("IoException BZ_IO: native library: "), refused);
    assertTrue(refused.contains("the jar's /native/linux-x86_64/") && refused.contains("absent"), refused);
    assertTrue(refused.contains(NativeLoader.PATH_PROPERTY), refused);
  }

  @Test
  void aClassLoaderThatUsedTheLibraryCanBeUnloaded()
      throws ReflectiveOperationException, IOException, InterruptedException {
    URLClassLoader loader = isolated();
    WeakReference<ClassLoader> unloaded = new WeakReference<>(loader);
    assertEquals(HERE, probe(loader));
    loader.close();
    loader = null;
    for (int i = 0; i < 100 && unloaded.get() != null; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertNull(unloaded.get());
  }

  @Test
  void aNamedLibraryIsLoadedFromItsFileOrFolder(@TempDir Path folder)
      throws ReflectiveOperationException, IOException {
    Path library = folder.resolve("libbuzzsaw_jni.so");
    try (var resource = Pipeline.class.getResourceAsStream("/native/linux-x86_64/libbuzzsaw_jni.so")) {
      Files.copy(resource, library);
    }
    assertEquals(HERE, probeWith(Map.of(NativeLoader.PATH_PROPERTY, library.toString())));
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.copy(library, other.resolve("libbuzzsaw_jni.so"));
    assertEquals(HERE, probeWith(Map.of(NativeLoader.PATH_PROPERTY, other.toString())));
  }

  @Test
  void whatCannotBeLoadedIsOneClearError(@TempDir Path folder) throws ReflectiveOperationException, IOException {
    String absent = probeWith(Map.of(NativeLoader.PATH_PROPERTY, folder.resolve("absent.so").toString()));
    assertTrue(absent.startsWith("IoException BZ_IO: native library: "), absent);
    assertTrue(absent.contains("linux-x86_64 (glibc)") && absent.contains("absent.so"), absent);
    Path broken = Files.writeString(folder.resolve("broken.so"), "not a library");
    String unloadable = probeWith(Map.of(NativeLoader.PATH_PROPERTY, broken.toString()));
    assertTrue(unloadable.contains("BZ_IO") && unloadable.contains("broken.so"), unloadable);
    Path foreign = folder.resolve("foreign.so");
    Files.copy(Path.of(System.getProperty("java.home"), "lib", "libverify.so"), foreign);
    String another = probeWith(Map.of(NativeLoader.PATH_PROPERTY, foreign.toString()));
    assertTrue(another.startsWith("IoException BZ_IO: native library: "), another);
    assertTrue(another.contains("foreign.so: it is not the native library of Buzzsaw"), another);
    String elsewhere = probeWith(Map.of("os.name", "Mac OS X", "os.arch", "aarch64"));
    assertTrue(elsewhere.startsWith("IoException BZ_IO: native library: "), elsewhere);
    assertTrue(elsewhere.contains("mac_os_x-aarch64") && elsewhere.contains("linux-x86_64"), elsewhere);
    assertTrue(elsewhere.contains(NativeLoader.PATH_PROPERTY), elsewhere);
  }
}
