package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertNotSame;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Class loaders that have the library and its tests to themselves. */
final class Isolated {
  private Isolated() {}

  /** Such a class loader, which looks into some folders first. */
  static URLClassLoader loader(URL... first) {
    URL library = Pipeline.class.getProtectionDomain().getCodeSource().getLocation();
    URL tests = Probe.class.getProtectionDomain().getCodeSource().getLocation();
    URL[] all = Stream.concat(Stream.of(first), Stream.of(library, tests)).toArray(URL[]::new);
    return new URLClassLoader(all, ClassLoader.getPlatformClassLoader());
  }

  /** What {@link Probe} says in a class loader. */
  static String probe(ClassLoader loader) throws ReflectiveOperationException {
    return probe(loader, Probe.class);
  }

  /** What a class of the tests says in a class loader. */
  static String probe(ClassLoader loader, Class<? extends Supplier<String>> type) throws ReflectiveOperationException {
    Class<?> probe = loader.loadClass(type.getName());
    assertNotSame(type, probe);
    return (String) ((Supplier<?>) probe.getConstructor().newInstance()).get();
  }

  /** What {@link Probe} says in class loaders that are open at once, under these system properties. */
  static String[] probeWith(Map<String, String> properties, int loaders)
      throws ReflectiveOperationException, IOException {
    Map<String, String> before = new HashMap<>();
    properties.keySet().forEach(key -> before.put(key, System.getProperty(key)));
    properties.forEach(System::setProperty);
    URLClassLoader[] open = new URLClassLoader[loaders];
    String[] said = new String[loaders];
    try {
      for (int i = 0; i < loaders; i++) {
        open[i] = loader();
        said[i] = probe(open[i]);
      }
      return said;
    } finally {
      before.forEach(Isolated::restore);
      for (URLClassLoader loader : open) {
        if (loader != null) {
          loader.close();
        }
      }
    }
  }

  private static void restore(String key, String value) {
    if (value == null) {
      System.clearProperty(key);
    } else {
      System.setProperty(key, value);
    }
  }

  /** Copies the jar's native library to a file. */
  static Path copyLibrary(Path file) throws IOException {
    try (InputStream library = Pipeline.class.getResourceAsStream("/native/linux-x86_64/libbuzzsaw_jni.so")) {
      Files.copy(library, file);
    }
    return file;
  }
}
