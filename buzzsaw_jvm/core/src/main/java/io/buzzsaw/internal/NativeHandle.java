package io.buzzsaw.internal;

import java.lang.ref.Cleaner;
import java.util.function.LongConsumer;

/**
 * A native object's handle: closed once, by its owner or, with a warning, when the owner is garbage.
 *
 * <p>Where the system property {@code buzzsaw.leaks.trace} is {@code true}, the warning has the stack of the call that
 * opened it; to note that costs some microseconds a handle.
 */
public final class NativeHandle {
  /** The system property that says whether warnings tell where what was leaked was opened. */
  public static final String TRACE_PROPERTY = "buzzsaw.leaks.trace";

  private static final Cleaner CLEANER = Cleaner.create();

  private final State state;
  private final Cleaner.Cleanable cleanable;
  private final String what;

  /** What outlives the owner; it must not refer to it. */
  private static final class State implements Runnable {
    private final String what;
    private final LongConsumer close;
    private final Throwable opened;
    private volatile long handle;
    private volatile boolean closedByOwner;

    /** What the warning says after the kind of object, once that is known. */
    private volatile String name = "";

    State(String what, long handle, LongConsumer close) {
      this.what = what;
      this.handle = handle;
      this.close = close;
      this.opened = Boolean.getBoolean(TRACE_PROPERTY) ? new Throwable("where the " + what + " was opened") : null;
    }

    @Override
    public void run() {
      long open = handle;
      handle = 0;
      close.accept(open);
      if (!closedByOwner) {
        System.getLogger("io.buzzsaw").log(System.Logger.Level.WARNING, warning(), opened);
      }
    }

    private String warning() {
      String trace = opened == null ? ", and -D" + TRACE_PROPERTY + "=true to see where it was opened" : "";
      return "a " + what + name + " was never closed; use try-with-resources" + trace;
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
   * Says which one it is, for the warning.
   *
   * @param name what follows the kind of object, such as {@code of the pipeline `shop_search`}
   */
  public void name(String name) {
    state.name = " " + name;
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
