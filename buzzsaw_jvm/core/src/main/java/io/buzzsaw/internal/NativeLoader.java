package io.buzzsaw.internal;

import io.buzzsaw.BuzzsawException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Loads the native library, once for each class loader that holds the jar.
 *
 * <p>A JVM refuses to load one file in two class loaders, so each unpacks a private copy. Where unpacking is forbidden,
 * the system property {@code buzzsaw.native.path} names a library, or a folder with a copy for each class loader, and
 * nothing else is tried.
 */
public final class NativeLoader {
  /** The system property that names a library to load instead of the jar's. */
  public static final String PATH_PROPERTY = "buzzsaw.native.path";

  private static final String FILE = "libbuzzsaw_jni.so";

  /** The copies of the library in a folder. */
  private static final String COPIES = "libbuzzsaw_jni*.so";

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
    String named = System.getProperty(PATH_PROPERTY, "");
    int boundary = boundary(named.isEmpty() ? loadUnpacked() : loadNamed(Path.of(named)));
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

  /** Loads the first library that the property names and no other class loader holds, and says what was tried. */
  private static String loadNamed(Path named) {
    UnsatisfiedLinkError held = null;
    List<Path> copies = copies(named);
    for (Path copy : copies) {
      String tried = PATH_PROPERTY + "=" + copy;
      try {
        System.load(copy.toAbsolutePath().toString());
        return tried;
      } catch (SecurityException e) {
        throw unloadable(tried, e.toString(), e);
      } catch (UnsatisfiedLinkError e) {
        if (!isHeldElsewhere(e)) {
          throw unloadable(tried, e.getMessage(), e);
        }
        held = e;
      }
    }
    throw heldElsewhere(named, copies, held);
  }

  /** The named file, or all copies in the named folder, that of the plain name first. */
  private static List<Path> copies(Path named) {
    String tried = PATH_PROPERTY + "=" + named;
    List<Path> copies = new ArrayList<>();
    try {
      if (Files.isRegularFile(named)) {
        return List.of(named);
      }
      if (!Files.isDirectory(named)) {
        throw unloadable(tried, "there is no such file or folder", null);
      }
      try (DirectoryStream<Path> files = Files.newDirectoryStream(named, COPIES)) {
        files.forEach(copies::add);
      }
    } catch (IOException | DirectoryIteratorException | SecurityException e) {
      throw unloadable(tried, e.toString(), e);
    }
    if (copies.isEmpty()) {
      throw unloadable(tried, "the folder holds no " + COPIES, null);
    }
    copies.sort(Comparator.comparing((Path copy) -> !copy.endsWith(FILE)).thenComparing(Comparator.naturalOrder()));
    return copies;
  }

  /** Whether the JVM refused a file because another class loader has it, which its message alone tells. */
  private static boolean isHeldElsewhere(UnsatisfiedLinkError refusal) {
    return String.valueOf(refusal.getMessage()).toLowerCase(Locale.ROOT).contains("already loaded in another class");
  }

  private static BuzzsawException heldElsewhere(Path named, List<Path> copies, UnsatisfiedLinkError cause) {
    String held = copies.stream().map(Path::toString).collect(Collectors.joining(", "));
    Path folder = Files.isDirectory(named) ? named : named.toAbsolutePath().getParent();
    return unloadable(
        PATH_PROPERTY + "=" + named,
        "another class loader of this JVM holds " + held + ", and a JVM loads a file in one class loader alone",
        "put the jar into a class loader that both share, or put further copies of the file, such as "
            + "libbuzzsaw_jni-2.so, into " + folder + " and set -D" + PATH_PROPERTY + " to that folder",
        cause);
  }

  /** Loads the jar's library from a copy, and says what was tried. */
  private static String loadUnpacked() {
    String resource = "/native/" + PLATFORM + "/" + FILE;
    String tried = "the jar's " + resource;
    if (!PLATFORM.equals(Platform.name())) {
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
      // Files are deleted in reverse order of these calls, so the folder is empty when its turn comes. First, as whoever
      // forbids them would otherwise leave a loaded library that is said not to be.
      folder.toFile().deleteOnExit();
      file.toFile().deleteOnExit();
      System.load(file.toString());
      return tried;
    } catch (IOException | UnsatisfiedLinkError | SecurityException e) {
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
    } catch (IOException | SecurityException e) {
      failure.addSuppressed(e);
    }
  }

  private static BuzzsawException unloadable(String tried, String why, Throwable cause) {
    String hint =
        "set -D" + PATH_PROPERTY + " to a library built for this platform, or -Djava.io.tmpdir to a folder whose files "
            + "may be executed";
    return unloadable(tried, why, hint, cause);
  }

  private static BuzzsawException unloadable(String tried, String why, String hint, Throwable cause) {
    String platform = Platform.described(Path.of("/"));
    String message = "no native library could be loaded on " + platform + "; tried " + tried + ": " + why;
    BuzzsawException failure = Failures.failure("BZ_IO", "native library", message, hint);
    failure.initCause(cause);
    return failure;
  }
}
