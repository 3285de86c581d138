package io.buzzsaw.spark;

import io.buzzsaw.FeatureMatrix;
import io.buzzsaw.SparsePart;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeArrayWriter;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;

/** Writes rows of a {@link FeatureMatrix} as Spark holds rows: bits as they are, NaN where a value is missing. */
final class FeatureWriter {
  private final String[] names;
  private final boolean[] sparse;
  private final boolean served;
  private final UnsafeRowWriter row;
  private final UnsafeRowWriter part;
  private final UnsafeArrayWriter indices;
  private final UnsafeArrayWriter values;
  private final int dense;
  private final LongBuffer[] starts;
  private final IntBuffer[] columns;
  private final FloatBuffer[] entries;
  private FeatureMatrix matrix;
  private FloatBuffer matrixValues;

  /** The entries of one part of one row, in memory that the next one uses again. */
  private int[] rowColumns = new int[64];

  private float[] rowEntries = new float[64];

  /**
   * A writer.
   *
   * @param made the features in the order of the spec, and the fingerprints
   * @param served whether the last column is the fingerprint as served
   */
  FeatureWriter(StructType made, boolean served) {
    this.served = served;
    int features = made.size() - (served ? 2 : 1);
    names = new String[features];
    sparse = new boolean[features];
    int denseFeatures = 0;
    StructField[] fields = made.fields();
    for (int i = 0; i < features; i++) {
      names[i] = fields[i].name();
      sparse[i] = !fields[i].dataType().equals(DataTypes.FloatType);
      denseFeatures += sparse[i] ? 0 : 1;
    }
    dense = denseFeatures;
    starts = new LongBuffer[features];
    columns = new IntBuffer[features];
    entries = new FloatBuffer[features];
    row = new UnsafeRowWriter(made.size(), 64 * (features - dense));
    part = new UnsafeRowWriter(row, 2);
    indices = new UnsafeArrayWriter(part, Integer.BYTES);
    values = new UnsafeArrayWriter(part, Float.BYTES);
  }

  /** Shows the output of a transform. */
  void show(FeatureMatrix output) {
    matrix = output;
    matrixValues = output.denseBuffer();
    for (int i = 0; i < names.length; i++) {
      if (sparse[i]) {
        SparsePart shown = output.sparse(names[i]);
        starts[i] = shown.startBuffer();
        columns[i] = shown.columnBuffer();
        entries[i] = shown.valueBuffer();
      }
    }
  }

  /** A row, in memory that the next one uses again. */
  UnsafeRow write(int at) {
    row.reset();
    row.zeroOutNullBytes();
    int denseAt = at * dense;
    for (int i = 0; i < names.length; i++) {
      if (sparse[i]) {
        writePart(i, at);
      } else {
        row.write(i, matrixValues.get(denseAt++));
      }
    }
    row.write(names.length, matrix.fingerprint(at));
    if (served) {
      row.write(names.length + 1, matrix.servedFingerprint(at));
    }
    return row.getRow();
  }

  private void writePart(int i, int at) {
    int start = (int) starts[i].get(at);
    int count = (int) starts[i].get(at + 1) - start;
    if (count > rowColumns.length) {
      rowColumns = new int[2 * count];
      rowEntries = new float[2 * count];
    }
    columns[i].get(start, rowColumns, 0, count);
    entries[i].get(start, rowEntries, 0, count);
    int before = row.cursor();
    part.resetRowWriter();
    // Each item by itself takes several checks; an array's items lie behind its header, one after the other.
    int header = UnsafeArrayData.calculateHeaderPortionInBytes(count);
    int beforeIndices = part.cursor();
    indices.initialize(count);
    copy(rowColumns, Platform.INT_ARRAY_OFFSET, beforeIndices + header, count);
    part.setOffsetAndSizeFromPreviousCursor(0, beforeIndices);
    int beforeValues = part.cursor();
    values.initialize(count);
    copy(rowEntries, Platform.FLOAT_ARRAY_OFFSET, beforeValues + header, count);
    part.setOffsetAndSizeFromPreviousCursor(1, beforeValues);
    row.setOffsetAndSizeFromPreviousCursor(i, before);
  }

  /** Copies ints or floats, which are as long as each other. */
  private void copy(Object from, long offset, long to, int count) {
    Platform.copyMemory(from, offset, row.getBuffer(), to, (long) Integer.BYTES * count);
  }
}
