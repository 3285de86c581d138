package io.buzzsaw;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What every failure of Buzzsaw is: one or more problems, the first of which gives the code.
 *
 * <p>There is one subclass for each code of the error table that all runtimes share.
 *
 * <pre>{@code
 * try (Pipeline pipeline = Pipeline.load(artifact)) {
 *   serve(pipeline);
 * } catch (CorruptArtifactException e) {
 *   log.add("fetch it again: " + e.getMessage());
 * } catch (BuzzsawException e) {
 *   for (Problem problem : e.problems()) {
 *     log.add(problem.code() + " at " + problem.place() + ": " + problem.message() + " " + problem.hint());
 *   }
 * }
 * }</pre>
 */
public abstract class BuzzsawException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Unmodifiable and serialisable, which the declared type cannot say. */
  @SuppressWarnings("serial")
  private final List<Problem> problems;

  /** The backtrace of a caught panic, or null. */
  private final String rustBacktrace;

  /**
   * An exception of these problems.
   *
   * @param problems what went wrong, at least one problem
   * @param rustBacktrace the backtrace of a caught panic, or null
   */
  protected BuzzsawException(List<Problem> problems, String rustBacktrace) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
    this.rustBacktrace = rustBacktrace;
  }

  /**
   * The stable code of the first problem.
   *
   * @return such as {@code BZ_MISSING_INPUT}
   */
  public String code() {
    return problems.get(0).code();
  }

  /**
   * Where the first problem is.
   *
   * @return a path such as {@code inputs.title}, or empty
   */
  public String place() {
    return problems.get(0).place();
  }

  /**
   * All problems, in the order they were found.
   *
   * @return at least one problem
   */
  public List<Problem> problems() {
    return problems;
  }

  /**
   * The problems as the JSON array that every runtime writes.
   *
   * @return {@code [{"code":…,"message":…,"place":…,"hint":…}]}
   */
  public String problemsJson() {
    StringBuilder json = new StringBuilder("[");
    for (int i = 0; i < problems.size(); i++) {
      if (i > 0) {
        json.append(',');
      }
      problems.get(i).appendJson(json);
    }
    return json.append(']').toString();
  }

  /**
   * The backtrace of a panic of the native library.
   *
   * @return the backtrace, or null when there was no panic
   */
  public String rustBacktrace() {
    return rustBacktrace;
  }
}
