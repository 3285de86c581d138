package io.buzzsaw.benches;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** The Rust example {@code jni_peer}: a process that works through the same requests when asked. */
final class Peer implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;
  private final Writer questions;

  Peer(String program, String artifact, int candidates) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(program, artifact, Integer.toString(candidates));
    process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    questions = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
  }

  /** What a run told: the mean nanoseconds of a batch, and what must be equal on both sides. */
  static final class Turn {
    final double nanoseconds;
    final String checks;

    private Turn(String answer) {
      int end = answer.indexOf(' ');
      nanoseconds = Double.parseDouble(answer.substring(0, end));
      checks = answer.substring(end + 1);
    }
  }

  /** Lets it run for a time, while this process waits. */
  Turn run(long milliseconds) throws IOException {
    questions.write(milliseconds + "\n");
    questions.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the Rust peer ended");
    }
    return new Turn(answer);
  }

  /** Ends the process. */
  @Override
  public void close() throws IOException {
    questions.close();
    process.destroy();
  }
}
