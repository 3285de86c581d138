package io.buzzsaw.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What native code tells of a pipeline, read from flat text. */
public final class Description {
  /** The spec's name. */
  public final String name;

  /** The artifact's content hash. */
  public final String contentHash;

  /** Whether a row's values depend on the other rows of its group. */
  public final boolean needsGroups;

  /** Name, type and side of each input. */
  public final List<String[]> inputs;

  /** Name, kind ({@code dense} or {@code sparse}) and number of columns of each feature. */
  public final List<String[]> features;

  /**
   * Reads a description.
   *
   * @param parts what {@link Native#describe} gave
   */
  public Description(String[] parts) {
    int at = 0;
    name = parts[at++];
    contentHash = parts[at++];
    needsGroups = parts[at++].equals("groups");
    inputs = triples(parts, at);
    at += 1 + 3 * inputs.size();
    features = triples(parts, at);
  }

  /** Reads a number from {@code at}, and so many triples after it. */
  static List<String[]> triples(String[] parts, int at) {
    int count = Integer.parseInt(parts[at]);
    List<String[]> triples = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      triples.add(Arrays.copyOfRange(parts, at + 1 + 3 * i, at + 4 + 3 * i));
    }
    return triples;
  }
}
