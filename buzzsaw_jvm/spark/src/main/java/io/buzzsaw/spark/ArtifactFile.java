package io.buzzsaw.spark;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.deploy.SparkHadoopUtil;

/** An artifact where Spark's files are. */
final class ArtifactFile {
  /** The length of the longest array. */
  private static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  private ArtifactFile() {}

  /** Its bytes, by the Hadoop settings of the session. */
  static byte[] read(String path) {
    try {
      Path file = new Path(path);
      FileSystem system = file.getFileSystem(ActiveSession.hadoopSettings(SparkHadoopUtil.get().conf()));
      long length = system.getFileStatus(file).getLen();
      if (length > MAX_BYTES) {
        throw Refusal.of(
            "BZ_RESOURCE_LIMIT",
            "the artifact has " + length + " bytes, and an array of the JVM holds " + MAX_BYTES,
            path,
            "use the runtime `python`, or keep fewer terms");
      }
      try (InputStream stream = system.open(file)) {
        return stream.readAllBytes();
      }
    } catch (IllegalArgumentException e) {
      String message = "`" + path + "` is no path: " + e.getMessage();
      throw Refusal.because(e, Refusal.invalid(message, "path", "give one such as hdfs:///models/shop.buzzsaw"));
    } catch (IOException e) {
      throw Refusal.because(e, Refusal.of("BZ_IO", "the artifact cannot be read: " + e, path, ""));
    }
  }
}
