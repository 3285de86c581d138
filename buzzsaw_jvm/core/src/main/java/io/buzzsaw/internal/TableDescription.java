package io.buzzsaw.internal;

import java.util.List;

/** What native code tells of a pipeline's tables, read from flat text. */
public final class TableDescription {
  /** Whether folds change the values of rows in training. */
  public final boolean hasFolds;

  /** The input with {@code role: group}, or empty. */
  public final String groupInput;

  /** Name, type and side of each input in training; those of serving come first. */
  public final List<String[]> inputs;

  /**
   * Reads a description.
   *
   * @param parts what {@link Native#describeTable} gave
   */
  public TableDescription(String[] parts) {
    hasFolds = parts[0].equals("folds");
    groupInput = parts[1];
    inputs = Description.triples(parts, 2);
  }
}
