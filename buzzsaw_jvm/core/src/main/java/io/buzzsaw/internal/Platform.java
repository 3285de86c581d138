package io.buzzsaw.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The machine that the JVM runs on, as errors name it. */
final class Platform {
  /** Where glibc's and musl's loaders are, by machine: each is named in the header of every program. */
  private static final Map<String, Loaders> LOADERS =
      Map.of(
          "x86_64", new Loaders("lib64/ld-linux-x86-64.so.2", "lib/ld-musl-x86_64.so.1"),
          "aarch64", new Loaders("lib/ld-linux-aarch64.so.1", "lib/ld-musl-aarch64.so.1"),
          "arm", new Loaders("lib/ld-linux-armhf.so.3", "lib/ld-musl-armhf.so.1"),
          "ppc64le", new Loaders("lib64/ld64.so.2", "lib/ld-musl-powerpc64le.so.1"),
          "riscv64", new Loaders("lib/ld-linux-riscv64-lp64d.so.1", "lib/ld-musl-riscv64.so.1"),
          "s390x", new Loaders("lib/ld64.so.1", "lib/ld-musl-s390x.so.1"));

  private static final class Loaders {
    private final String glibc;
    private final String musl;

    Loaders(String glibc, String musl) {
      this.glibc = glibc;
      this.musl = musl;
    }
  }

  private Platform() {}

  /** System and machine, such as {@code linux-x86_64}. */
  static String name() {
    return system() + "-" + machine();
  }

  /** {@link #name}, and on Linux the C library, looked for under {@code root}. */
  static String described(Path root) {
    return system().equals("linux") ? name() + " (" + libc(root) + ")" : name();
  }

  private static String system() {
    return System.getProperty("os.name", "unknown").toLowerCase(Locale.ROOT).replace(' ', '_');
  }

  private static String machine() {
    String machine = System.getProperty("os.arch", "unknown");
    return machine.equals("amd64") ? "x86_64" : machine;
  }

  private static String libc(Path root) {
    Loaders loaders = LOADERS.get(machine());
    List<String> found = new ArrayList<>();
    if (loaders != null && Files.exists(root.resolve(loaders.glibc))) {
      found.add("glibc");
    }
    if (loaders != null && Files.exists(root.resolve(loaders.musl))) {
      found.add("musl");
    }
    return found.isEmpty() ? "unknown libc" : String.join(" and ", found);
  }
}
