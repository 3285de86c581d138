package io.buzzsaw;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Objects;

/**
 * A named sparse part of a {@link FeatureMatrix}, in compressed rows.
 *
 * <p>A row's columns ascend and are unique, and none of its values is zero; an absent column is 0.0. A missing input
 * gives an empty row. Columns are unsigned: see {@link Integer#toUnsignedLong}.
 *
 * <pre>{@code
 * SparsePart part = features.sparse("query_x_title");
 * LongBuffer starts = part.startBuffer(); // compressed rows, as libraries for sparse matrices take them
 * IntBuffer columns = part.columnBuffer();
 * FloatBuffer values = part.valueBuffer();
 * for (int row = 0; row < features.rows(); row++) {
 *   for (long at = starts.get(row); at < starts.get(row + 1); at++) {
 *     totals.merge(Integer.toUnsignedLong(columns.get((int) at)), values.get((int) at), Float::sum);
 *   }
 * }
 * }</pre>
 */
public final class SparsePart {
  private final String name;
  private final long columns;
  private int rows;
  private LongBuffer starts;
  private IntBuffer indices;
  private FloatBuffer values;

  SparsePart(String name, long columns) {
    this.name = name;
    this.columns = columns;
  }

  void clear() {
    rows = 0;
    starts = null;
    indices = null;
    values = null;
  }

  void show(int newRows, ByteBuffer newStarts, ByteBuffer newIndices, ByteBuffer newValues) {
    rows = newRows;
    starts = newStarts.asLongBuffer();
    indices = newIndices.asIntBuffer();
    values = newValues.asFloatBuffer();
  }

  /**
   * The feature's name.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * The number of columns.
   *
   * @return at most 2^32
   */
  public long columns() {
    return columns;
  }

  /**
   * The number of entries of a row.
   *
   * @param row the row's position
   * @return the count
   * @throws IndexOutOfBoundsException when there is no such row
   */
  public int count(int row) {
    Objects.checkIndex(row, rows);
    return (int) (starts.get(row + 1) - starts.get(row));
  }

  /**
   * The column of a row's entry.
   *
   * @param row the row's position
   * @param entry the entry's position in the row
   * @return the column, unsigned
   * @throws IndexOutOfBoundsException when there is no such row or entry
   */
  public int column(int row, int entry) {
    return indices.get(at(row, entry));
  }

  /**
   * The value of a row's entry.
   *
   * @param row the row's position
   * @param entry the entry's position in the row
   * @return the value, not zero
   * @throws IndexOutOfBoundsException when there is no such row or entry
   */
  public float value(int row, int entry) {
    return values.get(at(row, entry));
  }

  /**
   * Where the rows' entries start, without a copy.
   *
   * @return rows + 1 positions in {@link #columnBuffer} and {@link #valueBuffer}, read-only
   */
  public LongBuffer startBuffer() {
    if (rows == 0) {
      return LongBuffer.wrap(new long[] {0}).asReadOnlyBuffer();
    }
    return starts.asReadOnlyBuffer().limit(rows + 1);
  }

  /**
   * The columns of all entries, without a copy.
   *
   * @return unsigned columns, read-only
   */
  public IntBuffer columnBuffer() {
    return rows == 0 ? IntBuffer.allocate(0).asReadOnlyBuffer() : indices.asReadOnlyBuffer().limit(entries());
  }

  /**
   * The values of all entries, without a copy.
   *
   * @return values, read-only
   */
  public FloatBuffer valueBuffer() {
    return rows == 0 ? FloatBuffer.allocate(0).asReadOnlyBuffer() : values.asReadOnlyBuffer().limit(entries());
  }

  private int entries() {
    return (int) starts.get(rows);
  }

  private int at(int row, int entry) {
    Objects.checkIndex(entry, count(row));
    return (int) starts.get(row) + entry;
  }
}
