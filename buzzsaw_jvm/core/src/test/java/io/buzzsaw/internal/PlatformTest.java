package io.buzzsaw.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {
  private final Map<String, String> before =
      Stream.of("os.name", "os.arch").collect(Collectors.toMap(key -> key, System::getProperty));

  @TempDir Path root;

  @AfterEach
  void restore() {
    before.forEach(System::setProperty);
  }

  private String described(String system, String machine, String loaders) throws IOException {
    for (String loader : loaders.split(" ")) {
      Path file = root.resolve(loader);
      Files.createDirectories(file.getParent());
      Files.createFile(file);
    }
    System.setProperty("os.name", system);
    System.setProperty("os.arch", machine);
    return Platform.described(root);
  }

  @ParameterizedTest
  @CsvSource({
    "amd64, lib64/ld-linux-x86-64.so.2, linux-x86_64 (glibc)",
    "amd64, lib/ld-musl-x86_64.so.1, linux-x86_64 (musl)",
    "amd64, lib64/ld-linux-x86-64.so.2 lib/ld-musl-x86_64.so.1, linux-x86_64 (glibc and musl)",
    "amd64, lib/ld-linux-aarch64.so.1 lib/ld-musl-aarch64.so.1, linux-x86_64 (unknown libc)",
    "aarch64, lib/ld-linux-aarch64.so.1, linux-aarch64 (glibc)",
    "aarch64, lib/ld-musl-aarch64.so.1, linux-aarch64 (musl)",
    "arm, lib/ld-linux-armhf.so.3, linux-arm (glibc)",
    "arm, lib/ld-musl-armhf.so.1, linux-arm (musl)",
    "ppc64le, lib64/ld64.so.2, linux-ppc64le (glibc)",
    "ppc64le, lib/ld-musl-powerpc64le.so.1, linux-ppc64le (musl)",
    "riscv64, lib/ld-linux-riscv64-lp64d.so.1, linux-riscv64 (glibc)",
    "riscv64, lib/ld-musl-riscv64.so.1, linux-riscv64 (musl)",
    "s390x, lib/ld64.so.1, linux-s390x (glibc)",
    "s390x, lib/ld-musl-s390x.so.1, linux-s390x (musl)",
    "vax, lib64/ld-linux-x86-64.so.2, linux-vax (unknown libc)",
  })
  void theLibcIsTheOneWhoseLoaderIsThere(String machine, String loaders, String wanted) throws IOException {
    assertEquals(wanted, described("Linux", machine, loaders));
  }

  @ParameterizedTest
  @CsvSource({
    "Mac OS X, aarch64, mac_os_x-aarch64",
    "Windows 11, amd64, windows_11-x86_64",
    "FreeBSD, amd64, freebsd-x86_64",
  })
  void nothingIsSaidOfALibcElsewhere(String system, String machine, String wanted) throws IOException {
    assertEquals(wanted, described(system, machine, "lib64/ld-linux-x86-64.so.2 lib/ld-linux-aarch64.so.1"));
  }
}
