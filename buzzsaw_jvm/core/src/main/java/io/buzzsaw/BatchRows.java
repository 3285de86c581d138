package io.buzzsaw;

import io.buzzsaw.internal.ColumnBuffer;
import io.buzzsaw.internal.Failures;
import io.buzzsaw.internal.GrowableBuffer;
import io.buzzsaw.internal.NativeHandle;
import java.util.ArrayList;
import java.util.List;

/** The rules of a batch: what may be set, started and ended when. {@code BatchBuilder} in Rust has the same. */
final class BatchRows {
  private static final ColumnBuffer[] CLOSED = {};

  private final NativeHandle handle;
  private final GrowableBuffer.Budget budget;
  private final GrowableBuffer groups;
  private final boolean[] querySide;

  /** Those with one value a row in groups, too: all but those of the query side; in a table all. */
  private final ColumnBuffer[] perRowInGroups;

  private ColumnBuffer[] columns;
  private int rows;
  private long version;
  private int endedGroups;
  private int groupStart;
  private boolean grouped;
  private boolean inGroup;

  /** The list or map under construction. */
  private ColumnBuffer nested;

  /** Its items or values. */
  private ColumnBuffer items;

  private boolean inMap;

  /** With {@code table} every input has one value a row, groups or not. */
  BatchRows(NativeHandle handle, List<Input> inputs, boolean table, GrowableBuffer.Budget budget) {
    this.handle = handle;
    this.budget = budget;
    groups = new GrowableBuffer(budget);
    columns = new ColumnBuffer[inputs.size()];
    querySide = new boolean[columns.length];
    List<ColumnBuffer> inGroups = new ArrayList<>();
    for (int i = 0; i < columns.length; i++) {
      Input input = inputs.get(i);
      columns[i] = new ColumnBuffer(input.type(), "inputs." + input.name(), budget);
      querySide[i] = !table && input.side() == Input.Side.QUERY;
      if (!querySide[i]) {
        inGroups.add(columns[i]);
      }
    }
    perRowInGroups = inGroups.toArray(new ColumnBuffer[0]);
  }

  int rows() {
    return rows;
  }

  /** Another number once the rows are others. */
  long version() {
    return version;
  }

  /** Row offsets of the ended groups; empty when the batch has none. */
  GrowableBuffer groups() {
    return groups;
  }

  ColumnBuffer[] columns() {
    return columns;
  }

  void endRow() {
    checkOpen();
    checkNotNested();
    if (grouped && !inGroup) {
      throw misplaced("the batch has groups, and the row is in none of them", "call startGroup() before its values are set");
    }
    if (rows == Integer.MAX_VALUE) {
      throw misplaced("the batch is full", "transform and clear it, and go on with the next rows");
    }
    for (ColumnBuffer column : perRow()) {
      if (column.count() == rows) {
        column.putMissing();
      }
    }
    rows++;
    version++;
  }

  void startGroup() {
    checkOpen();
    checkNotNested();
    if (inGroup) {
      throw misplaced("the group before is not ended", "call endGroup() first");
    }
    if (!grouped) {
      if (rows > 0 || isRowBegun()) {
        throw misplaced(
            "rows or values were given before the first group", "call startGroup() before them, or clear() first");
      }
      groups.putInt(0);
      grouped = true;
    }
    groupStart = rows;
    inGroup = true;
  }

  void endGroup() {
    checkOpen();
    checkNotNested();
    if (!inGroup || isRowBegun()) {
      throw misplaced(
          "no group is open, or its last row is not ended", "call startGroup() before a group's rows, and endRow() after each");
    }
    boolean empty = rows == groupStart;
    for (int i = 0; i < columns.length; i++) {
      if (!querySide[i]) {
        continue;
      }
      if (empty) {
        columns[i].truncate(endedGroups);
      } else if (columns[i].count() == endedGroups) {
        columns[i].putMissing();
      }
    }
    if (!empty) {
      groups.putInt(rows);
      endedGroups++;
      version++;
    }
    inGroup = false;
  }

  void clear() {
    handle.get();
    budget.forgetCut();
    version++;
    budget.releaseWhenScarce();
    for (ColumnBuffer column : columns) {
      column.truncate(0);
    }
    groups.truncate(0);
    rows = 0;
    endedGroups = 0;
    grouped = false;
    inGroup = false;
    nested = null;
    items = null;
  }

  void close() {
    columns = CLOSED;
    nested = null;
  }

  /** The column of an input that may be set now. */
  ColumnBuffer enter(int input) {
    if (nested != null || input < 0 || input >= columns.length) {
      throw refusal(input);
    }
    ColumnBuffer column = columns[input];
    boolean ofGroup = grouped && querySide[input];
    if (column.count() > (ofGroup ? endedGroups : rows) || grouped && !inGroup) {
      throw refusal(input);
    }
    return column;
  }

  /** The columns with one value a row: all before the first group. */
  private ColumnBuffer[] perRow() {
    return grouped ? perRowInGroups : columns;
  }

  /** Whether a value was given for the row after the ended ones; one that was refused was not. */
  private boolean isRowBegun() {
    for (ColumnBuffer column : perRow()) {
      if (column.count() > rows) {
        return true;
      }
    }
    return false;
  }

  private BuzzsawException refusal(int input) {
    checkOpen();
    checkNotNested();
    if (input < 0 || input >= columns.length) {
      return misplaced(
          "there is no input " + input + "; the pipeline reads " + columns.length, "ask inputIndex() for its number");
    }
    if (grouped && !inGroup) {
      return Failures.invalid(
          columns[input].place(), "the batch has groups, and the value is in none of them", "call startGroup() first");
    }
    String ends = grouped && querySide[input] ? "endGroup() before the next group's value" : "endRow() before the next row's";
    return Failures.invalid(columns[input].place(), "the input is set already", "call " + ends);
  }

  void beginNested(int input, boolean map) {
    ColumnBuffer column = enter(input);
    budget.checkNotCut();
    items = map ? column.entries() : column.items();
    nested = column;
    inMap = map;
  }

  /** The open map, whose next key may be appended. */
  ColumnBuffer map() {
    if (nested == null || !inMap || nested.isKeyed()) {
      checkOpen();
      throw misplaced(
          "a key belongs into an open map, after the value of the key before it", "call beginMap(), and an add... after each key");
    }
    return nested;
  }

  /** The items of the open list, or the values of the open map whose last key waits for one. */
  ColumnBuffer item() {
    if (nested == null || inMap && !nested.isKeyed()) {
      checkOpen();
      throw misplaced(
          "no list is open, and no key of an open map waits for its value", "call beginList(), or key() before each value of a map");
    }
    return items;
  }

  void endNested(boolean map) {
    checkOpen();
    if (nested == null || inMap != map || inMap && nested.isKeyed()) {
      throw misplaced(
          "no such list or map is open, or its last key has no value", "end lists by endList() and maps by endMap(), after the last value");
    }
    nested.endNested();
    nested = null;
    items = null;
  }

  private void checkOpen() {
    handle.get();
    budget.checkNotCut();
  }

  private void checkNotNested() {
    if (nested != null) {
      throw Failures.invalid(nested.place(), "a list or map is not ended", "call endList() or endMap() first");
    }
  }

  /** Refuses a batch that is closed, or whose last row or group is not ended. */
  void checkComplete() {
    checkOpen();
    checkNotNested();
    if (inGroup || isRowBegun()) {
      throw misplaced("the last row or group is not ended", "call endRow() after each row and endGroup() after each group");
    }
  }

  /** Refuses a row that was not ended. */
  void checkRow(int row) {
    if (row < 0 || row >= rows) {
      throw Failures.invalid("row", "there is no row " + row + "; the batch has " + rows, "give one from 0 on, below that number");
    }
  }

  private static BuzzsawException misplaced(String message, String hint) {
    return Failures.invalid("batch", message, hint);
  }
}
