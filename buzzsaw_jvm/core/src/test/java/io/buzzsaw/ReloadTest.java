package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.buzzsaw.internal.NativeLoader;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A service that reloads its application: class loaders that come, use the library and go. */
class ReloadTest {
  private static final int RELOADS = 20;

  @TempDir Path folder;

  /** Compiles a spec inside whatever class loader loads it. */
  public static final class Compiling implements Supplier<String> {
    /** Called by name. */
    public Compiling() {}

    /** The spec's name. */
    @Override
    public String get() {
      try (Pipeline pipeline = Pipeline.compile(Specs.TEXT)) {
        return pipeline.name();
      }
    }
  }

  /** Reloads, and prints what the library says, then how many class loaders, mapped libraries and files are left. */
  public static final class Reloads {
    private final List<WeakReference<ClassLoader>> loaders = new ArrayList<>();

    /** The files of the library that are mapped. */
    private static Set<String> mapped() throws IOException {
      try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
        return lines.filter(line -> line.contains("libbuzzsaw_jni"))
            .map(line -> line.substring(line.indexOf('/')))
            .collect(Collectors.toSet());
      }
    }

    private String reload(boolean compiling) throws ReflectiveOperationException, IOException {
      int before = mapped().size();
      try (URLClassLoader loader = Isolated.loader()) {
        loaders.add(new WeakReference<>(loader));
        String said = Isolated.probe(loader, compiling ? Compiling.class : Probe.class);
        return said + " in " + (mapped().size() - before) + " new library";
      }
    }

    /** Works in a new thread, and returns once the system has ended it, which is later than Java says. */
    private static String inThread(Callable<String> work) throws Exception {
      FutureTask<Path> self = new FutureTask<>(() -> Files.readSymbolicLink(Path.of("/proc/thread-self")));
      FutureTask<String> task = new FutureTask<>(work);
      Thread thread =
          new Thread(
              () -> {
                self.run();
                task.run();
              });
      thread.start();
      thread.join();
      while (Files.exists(Path.of("/proc").resolve(self.get()))) {
        Thread.sleep(1);
      }
      return task.get();
    }

    private long left() {
      return loaders.stream().filter(loader -> loader.get() != null).count();
    }

    /**
     * Runs; the arguments are the folder of the libraries, whether to compile, each time in a new thread, and how many
     * libraries stay.
     */
    public static void main(String[] arguments) throws Exception {
      Reloads reloads = new Reloads();
      boolean compiling = Boolean.parseBoolean(arguments[1]);
      int stay = Integer.parseInt(arguments[2]);
      for (int reload = 0; reload < RELOADS; reload++) {
        System.out.println(compiling ? inThread(() -> reloads.reload(true)) : reloads.reload(false));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (System.nanoTime() < deadline && !(reloads.left() == 0 && mapped().size() <= stay)) {
          System.gc();
          Thread.sleep(5);
        }
      }
      System.out.println(reloads.left() + " class loaders, " + mapped().size() + " libraries");
      try (Stream<Path> files = Files.walk(Path.of(arguments[0]))) {
        System.out.println(files.filter(Files::isRegularFile).count() + " files");
      }
    }
  }

  /** Reloads with the libraries in a folder that the property names, of which so many files are there at the end. */
  private void reload(String property, Path libraries, int files, boolean compiling)
      throws IOException, InterruptedException {
    List<String> options = List.of("-D" + property + "=" + libraries, "-XX:-UsePerfData", "-XX:+UseSerialGC");
    Forked ran =
        Forked.run(folder, options, Reloads.class, libraries.toString(), Boolean.toString(compiling), "0");
    String said = compiling ? new Compiling().get() : new Probe().get();
    List<String> wanted = new ArrayList<>(Collections.nCopies(RELOADS, said + " in 1 new library"));
    wanted.addAll(List.of("0 class loaders, 0 libraries", files + " files"));
    assertEquals(String.join("\n", wanted) + "\n", ran.output);
  }

  @Test
  void aLibraryIsUnloadedWithItsClassLoaderAndItsFileStaysUntilTheEnd() throws IOException, InterruptedException {
    Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
    reload("java.io.tmpdir", unpacked, RELOADS, false);
    try (Stream<Path> left = Files.list(unpacked)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void aNamedLibraryIsFreeAgainOnceItsClassLoaderIsCollected() throws IOException, InterruptedException {
    Path named = Files.createDirectory(folder.resolve("named"));
    Isolated.copyLibrary(named.resolve("libbuzzsaw_jni.so"));
    reload(NativeLoader.PATH_PROPERTY, named, 1, false);
  }

  @Test
  @EnabledIfSystemProperty(named = "faults.library", matches = ".+", disabledReason = "make builds it")
  void whereNothingHoldsItForThreadsTheLibraryStays() throws IOException, InterruptedException {
    Path named = Files.createDirectory(folder.resolve("named"));
    Files.copy(Path.of(System.getProperty("faults.library")), named.resolve("libbuzzsaw_jni.so"));
    List<String> options = List.of("-D" + NativeLoader.PATH_PROPERTY + "=" + named, "-XX:-UsePerfData", "-XX:+UseSerialGC");
    Map<String, String> variables = Map.of("BUZZSAW_PLANTED_OLD_GLIBC", "1");
    Forked ran = Forked.run(folder, variables, options, Reloads.class, named.toString(), "true", "1");
    String said = new Compiling().get();
    List<String> wanted = new ArrayList<>(List.of(said + " in 1 new library"));
    wanted.addAll(Collections.nCopies(RELOADS - 1, said + " in 0 new library"));
    wanted.addAll(List.of("0 class loaders, 1 libraries", "1 files"));
    assertEquals(String.join("\n", wanted) + "\n", ran.output);
  }

  @Test
  void aThreadThatCompiledHoldsTheLibraryNoLongerThanItLives() throws IOException, InterruptedException {
    Path named = Files.createDirectory(folder.resolve("named"));
    Isolated.copyLibrary(named.resolve("libbuzzsaw_jni.so"));
    reload(NativeLoader.PATH_PROPERTY, named, 1, true);
  }
}
