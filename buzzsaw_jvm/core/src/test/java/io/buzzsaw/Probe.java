package io.buzzsaw;

import java.util.function.Supplier;

/** Uses the library inside whatever class loader loads it; what it returns belongs to every class loader. */
public final class Probe implements Supplier<String> {
  /** Called by name. */
  public Probe() {}

  /** The fingerprint of a row, or the message of the exception. */
  @Override
  public String get() {
    try (Pipeline pipeline = Pipeline.load(Fitted.artifact());
        Batch batch = pipeline.newBatch()) {
      Fitted.fill(batch, 0);
      return Long.toHexString(pipeline.transform(batch).fingerprint(0));
    } catch (BuzzsawException e) {
      return e.getClass().getSimpleName() + " " + e.getMessage();
    }
  }
}
