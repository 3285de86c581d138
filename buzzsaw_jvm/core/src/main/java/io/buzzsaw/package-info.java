/**
 * Buzzsaw's evaluator for the JVM: load a pipeline, append rows to a batch, read its features.
 *
 * <p>The numbers are the same bits as in Python, Spark and Rust, because the same native library computes them. Start
 * with {@link io.buzzsaw.Pipeline}.
 */
package io.buzzsaw;
