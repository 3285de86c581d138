package io.buzzsaw.spark;

import io.buzzsaw.internal.Native;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.deploy.SparkHadoopUtil;

/** An artifact where Spark's files are. */
final class ArtifactFile {
  private ArtifactFile() {}

  /** Its bytes, by the Hadoop settings of the session. */
  static byte[] read(String path) {
    try {
      Path file = new Path(path);
      FileSystem system = file.getFileSystem(ActiveSession.hadoopSettings(SparkHadoopUtil.get().conf()));
      long length = system.getFileStatus(file).getLen();
      if (length > Native.MAX_BYTES) {
        throw Refusal.of(
            "BZ_RESOURCE_LIMIT",
            "the artifact has " + length + " bytes, and an array of the JVM holds " + Native.MAX_BYTES,
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
      String hint = "see that it is there, and that the session's Hadoop settings may read it";
      throw Refusal.because(e, Refusal.of("BZ_IO", "the artifact cannot be read: " + e, path, hint));
    }
  }
}
