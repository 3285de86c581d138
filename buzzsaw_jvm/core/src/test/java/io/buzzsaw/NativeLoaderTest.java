package io.buzzsaw;

import static io.buzzsaw.Isolated.probe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.buzzsaw.internal.NativeLoader;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

class NativeLoaderTest {
  private static final String HERE = new Probe().get();

  @Test
  void twoClassLoadersHoldTheLibraryAtOnce() throws ReflectiveOperationException, IOException {
    assertTrue(HERE.matches("[0-9a-f]+"), HERE);
    try (URLClassLoader first = Isolated.loader();
        URLClassLoader second = Isolated.loader()) {
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
      try (URLClassLoader other = Isolated.loader()) {
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
      try (URLClassLoader loader = Isolated.loader(Path.of(arguments[0]).toUri().toURL())) {
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

  /** Prints what the library says, or why it is not there. */
  public static final class Loads {
    /** Runs. */
    public static void main(String[] arguments) {
      System.out.println(new Probe().get());
    }
  }

  @Test
  @EnabledForJreRange(max = JRE.JAVA_23, disabledReason = "later ones have no security manager")
  void aSecurityManagerThatForbidsItIsOneClearError(@TempDir Path folder) throws IOException, InterruptedException {
    Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
    Path policy =
        Files.writeString(
            folder.resolve("policy"),
            "grant { permission java.util.PropertyPermission \"*\", \"read\";\n"
                + "permission java.io.FilePermission \"<<ALL FILES>>\", \"read,write,delete\"; };");
    List<String> options =
        List.of(
            "-Djava.security.manager",
            "-Djava.security.policy==" + policy,
            "-Djava.io.tmpdir=" + unpacked,
            "-XX:-UsePerfData");
    String refused = Forked.run(folder, options, Loads.class).output;
    String told = "IoException BZ_IO: native library: no native library could be loaded on linux-x86_64";
    assertTrue(refused.contains(told), refused);
    assertTrue(refused.contains("loadLibrary." + unpacked) && refused.contains(NativeLoader.PATH_PROPERTY), refused);
    assertEquals(List.of(), listed(unpacked));
    Path named = Isolated.copyLibrary(folder.resolve("named.so"));
    Stream<String> property = Stream.of("-D" + NativeLoader.PATH_PROPERTY + "=" + named);
    options = Stream.concat(options.stream(), property).collect(Collectors.toList());
    refused = Forked.run(folder, options, Loads.class).output;
    assertTrue(refused.contains("tried " + NativeLoader.PATH_PROPERTY + "=" + named + ": java.security.Acc"), refused);
  }

  @Test
  void anotherPlatformIsOneClearError() throws ReflectiveOperationException, IOException {
    String elsewhere = Isolated.probeWith(Map.of("os.name", "Mac OS X", "os.arch", "aarch64"), 1)[0];
    assertTrue(elsewhere.startsWith("IoException BZ_IO: native library: "), elsewhere);
    assertTrue(elsewhere.contains("could be loaded on mac_os_x-aarch64; tried the jar's "), elsewhere);
    assertTrue(elsewhere.contains("linux-x86_64") && elsewhere.contains(NativeLoader.PATH_PROPERTY), elsewhere);
  }

  @Test
  void anotherMachineOnLinuxIsNamedWithItsLibc() throws ReflectiveOperationException, IOException {
    String elsewhere = Isolated.probeWith(Map.of("os.arch", "aarch64"), 1)[0];
    assertTrue(elsewhere.startsWith("IoException BZ_IO: native library: "), elsewhere);
    // Which one depends on the loaders for that machine that are here; PlatformTest lays them out.
    String named = ".* loaded on linux-aarch64 \\((glibc|musl|glibc and musl|unknown libc)\\); tried the jar's .*";
    assertTrue(Pattern.compile(named, Pattern.DOTALL).matcher(elsewhere).matches(), elsewhere);
    assertTrue(elsewhere.contains("the jar has a library for linux-x86_64 alone"), elsewhere);
  }
}
