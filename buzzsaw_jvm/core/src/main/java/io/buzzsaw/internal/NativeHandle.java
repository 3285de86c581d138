package io.buzzsaw.internal;

import java.lang.ref.Cleaner;
import java.util.function.LongConsumer;

/** A native object's handle: closed once, by its owner or, with a warning, when the owner is garbage. */
public final class NativeHandle {
  private static final Cleaner CLEANER = Cleaner.create();

  private final State state;
  private final Cleaner.Cleanable cleanable;
  private final String what;

  /** What outlives the owner; it must not refer to it. */
  private static final class State implements Runnable {
    private final String what;
    private final LongConsumer close;
    private volatile long handle;
    private volatile boolean closedByOwner;

    State(String what, long handle, LongConsumer close) {
      this.what = what;
      this.handle = handle;
      this.close = close;
    }

    @Override
    public void run() {
      long open = handle;
      handle = 0;
      close.accept(open);
      if (!closedByOwner) {
        System.getLogger("io.buzzsaw")
            .log(System.Logger.Level.WARNING, "a " + what + " was never closed; use try-with-resources");
      }
    }
  }

  private NativeHandle(Object owner, String what, long handle, LongConsumer close) {
    this.what = what;
    this.state = new State(what, handle, close);
    this.cleanable = CLEANER.register(owner, state);
  }

  /**
   * A pipeline's handle.
   *
   * @param owner the object whose end closes it
   * @param handle the native handle
   * @return the open handle
   */
  public static NativeHandle ofPipeline(Object owner, long handle) {
    return new NativeHandle(owner, "pipeline", handle, Native::closePipeline);
  }

  /**
   * A batch's handle.
   *
   * @param owner the object whose end closes it
   * @param handle the native handle
   * @return the open handle
   */
  public static NativeHandle ofBatch(Object owner, long handle) {
    return new NativeHandle(owner, "batch", handle, Native::closeBatch);
  }

  /**
   * The native handle.
   *
   * @return the handle; {@code BZ_CLOSED} is thrown when it is closed
   */
  public long get() {
    long open = state.handle;
    if (open == 0) {
      throw Failures.closed(what);
    }
    return open;
  }

  /** Closes it; closing it again does nothing. */
  public void close() {
    state.closedByOwner = true;
    cleanable.clean();
  }
}
