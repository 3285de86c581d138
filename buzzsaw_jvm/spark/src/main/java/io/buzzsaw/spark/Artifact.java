package io.buzzsaw.spark;

import java.io.Serializable;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import org.apache.spark.SparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.reflect.ClassTag$;

/**
 * An artifact that executors can fetch: a broadcast of its bytes, made once an application and content hash.
 *
 * <p>Equal hashes are equal artifacts, so plans over the same artifact are equal too. The broadcast lives as long as a
 * plan holds it; a {@link FeatureTransform} holds the bytes alone, and ships them again when it has to.
 */
final class Artifact implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final Map<SparkContext, Map<String, WeakReference<Artifact>>> SHIPPED = new WeakHashMap<>();

  private final String contentHash;
  private final Broadcast<byte[]> bytes;

  private Artifact(String contentHash, Broadcast<byte[]> bytes) {
    this.contentHash = contentHash;
    this.bytes = bytes;
  }

  /** Gives the artifact to the executors of an application. */
  static Artifact ship(SparkContext context, String contentHash, byte[] bytes) {
    synchronized (SHIPPED) {
      Map<String, WeakReference<Artifact>> shipped = SHIPPED.computeIfAbsent(context, any -> new HashMap<>());
      shipped.values().removeIf(reference -> reference.get() == null);
      WeakReference<Artifact> known = shipped.get(contentHash);
      Artifact artifact = known == null ? null : known.get();
      if (artifact == null) {
        artifact = new Artifact(contentHash, context.broadcast(bytes, ClassTag$.MODULE$.apply(byte[].class)));
        shipped.put(contentHash, new WeakReference<>(artifact));
      }
      return artifact;
    }
  }

  /** The pipeline on this JVM, to be closed. */
  PipelineCache.Lease lease() {
    return PipelineCache.SHARED.lease(contentHash, bytes::value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Artifact artifact && artifact.contentHash.equals(contentHash);
  }

  @Override
  public int hashCode() {
    return contentHash.hashCode();
  }

  /** The hash, cut to what a plan shows. */
  @Override
  public String toString() {
    int start = contentHash.indexOf(':') + 1;
    return contentHash.substring(start, Math.min(start + 12, contentHash.length()));
  }
}
