package io.buzzsaw;

/** A column that a pipeline reads. */
public final class Input {
  private final String name;
  private final String type;
  private final Side side;

  /** What an input depends on. */
  public enum Side {
    /** The request: one value a group. */
    QUERY,
    /** The product or page: one value a document. */
    DOCUMENT,
    /** Both, or something known only of the two together. */
    PAIR
  }

  Input(String name, String type, Side side) {
    this.name = name;
    this.type = type;
    this.side = side;
  }

  /**
   * The column's name.
   *
   * @return the name that the spec gives it
   */
  public String name() {
    return name;
  }

  /**
   * The column's type as a spec writes it.
   *
   * @return such as {@code string}, {@code int64} or {@code map<string>}
   */
  public String type() {
    return type;
  }

  /**
   * What the column depends on.
   *
   * @return the side
   */
  public Side side() {
    return side;
  }

  /** {@code name: type (side)}. */
  @Override
  public String toString() {
    return name + ": " + type + " (" + side.name().toLowerCase(java.util.Locale.ROOT) + ")";
  }
}
