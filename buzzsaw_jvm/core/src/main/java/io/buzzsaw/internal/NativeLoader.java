package io.buzzsaw.internal;

import io.buzzsaw.BuzzsawException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Loads the native library, once for each class loader that holds the jar.
 *
 * <p>A JVM refuses to load one file in two class loaders, so each unpacks a private copy. Where unpacking is forbidden,
 * the system property {@code buzzsaw.native.path} names a library or its folder, and nothing else is tried.
 */
public final class NativeLoader {
  /** The system property that names a library to load instead of the jar's. */
  public static final String PATH_PROPERTY = "buzzsaw.native.path";

  private static final String FILE = "libbuzzsaw_jni.so";
  private static final String PLATFORM = "linux-x86_64";

  private static volatile boolean loaded;

  private NativeLoader() {}

  /** Loads the library unless it is loaded; a failure is tried again by the next call. */
  public static void load() {
    if (!loaded) {
      loadOnce();
    }
  }

  private static synchronized void loadOnce() {
    if (loaded) {
      return;
    }
    String named = System.getProperty(PATH_PROPERTY);
    int boundary = boundary(named == null ? loadUnpacked() : loadNamed(Path.of(named)));
    if (boundary != Native.BOUNDARY) {
      throw Failures.failure(
          "BZ_UNSUPPORTED_VERSION",
          "native library",
          "the library speaks version " + boundary + " of the boundary, the jar version " + Native.BOUNDARY,
          "use the library of the same release as the jar");
    }
    loaded = true;
  }

  /** The version of the loaded library; another project's has none. */
  private static int boundary(String tried) {
    try {
      return Native.boundary();
    } catch (UnsatisfiedLinkError e) {
      throw unloadable(tried, "it is not the native library of Buzzsaw", e);
    }
  }

  /** Loads the library that the property names, and says what was tried. */
  private static String loadNamed(Path named) {
    Path file = Files.isDirectory(named) ? named.resolve(FILE) : named;
    String tried = PATH_PROPERTY + "=" + named;
    if (!Files.isRegularFile(file)) {
      throw unloadable(tried, "there is no such file", null);
    }
    try {
      System.load(file.toAbsolutePath().toString());
    } catch (UnsatisfiedLinkError e) {
      throw unloadable(tried, e.getMessage(), e);
    }
    return tried;
  }

  /** Loads the jar's library from a copy, and says what was tried. */
  private static String loadUnpacked() {
    String resource = "/native/" + PLATFORM + "/" + FILE;
    String tried = "the jar's " + resource;
    if (!PLATFORM.equals(platform())) {
      throw unloadable(tried, "the jar has a library for " + PLATFORM + " alone", null);
    }
    Path folder = null;
    try (InputStream library = NativeLoader.class.getResourceAsStream(resource)) {
      if (library == null) {
        throw unloadable(tried, "the jar does not hold it", null);
      }
      folder = Files.createTempDirectory("buzzsaw-");
      Path file = folder.resolve(FILE);
      tried = tried + ", unpacked to " + file;
      Files.copy(library, file);
      System.load(file.toString());
      // Files are deleted in reverse order of these calls, so the folder is empty when its turn comes.
      folder.toFile().deleteOnExit();
      file.toFile().deleteOnExit();
      return tried;
    } catch (IOException | UnsatisfiedLinkError e) {
      if (folder != null) {
        delete(folder.resolve(FILE), e);
        delete(folder, e);
      }
      throw unloadable(tried, e.toString(), e);
    }
  }

  /** Deletes what was unpacked; when that fails, {@code failure} tells. */
  private static void delete(Path unpacked, Throwable failure) {
    try {
      Files.deleteIfExists(unpacked);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private static BuzzsawException unloadable(String tried, String why, Throwable cause) {
    BuzzsawException failure =
        Failures.failure(
            "BZ_IO",
            "native library",
            "no native library could be loaded on " + platform() + " (" + libc() + "); tried " + tried + ": " + why,
            "set -D" + PATH_PROPERTY + " to a library built for this platform, or -Djava.io.tmpdir to a folder "
                + "whose files may be executed");
    failure.initCause(cause);
    return failure;
  }

  private static String platform() {
    String system = System.getProperty("os.name", "unknown").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch", "unknown");
    return system.replace(' ', '_') + "-" + ("amd64".equals(machine) ? "x86_64" : machine);
  }

  private static String libc() {
    if (Files.exists(Path.of("/lib/ld-musl-x86_64.so.1"))) {
      return "musl";
    }
    return Files.exists(Path.of("/lib64/ld-linux-x86-64.so.2")) ? "glibc" : "unknown libc";
  }
}
