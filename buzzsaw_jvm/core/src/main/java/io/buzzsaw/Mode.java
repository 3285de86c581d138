package io.buzzsaw;

/** How the rows of a table are seen. */
public enum Mode {
  /** As a request sees them: every row reads the full state. */
  SERVE,
  /** As training sees them: a row reads the state that was learnt without the fold of its qid. */
  TRAIN
}
