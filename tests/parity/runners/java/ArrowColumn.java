import io.buzzsaw.Batch;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** An Arrow column, by its buffers, that appends its values to a batch one by one. */
public final class ArrowColumn {
  private final String type;
  private final int scale;
  private final ByteBuffer valid;
  private final ByteBuffer first;
  private final ByteBuffer data;
  private final ArrowColumn keys;
  private final ArrowColumn items;

  /**
   * A column without offset into its buffers.
   *
   * @param type the input's type in the spec
   * @param scale of a decimal
   * @param valid the validity bits, or null when every row is valid
   * @param first values, or 32-bit offsets
   * @param data the bytes of text, or null
   * @param keys of a map, or null
   * @param items of a list or map, or null
   */
  public ArrowColumn(
      String type,
      int scale,
      ByteBuffer valid,
      ByteBuffer first,
      ByteBuffer data,
      ArrowColumn keys,
      ArrowColumn items) {
    this.type = type;
    this.scale = scale;
    this.valid = little(valid);
    this.first = little(first);
    this.data = little(data);
    this.keys = keys;
    this.items = items;
  }

  private static ByteBuffer little(ByteBuffer buffer) {
    return buffer == null ? null : buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  boolean isNull(int row) {
    return valid != null && (valid.get(row >> 3) >> (row & 7) & 1) == 0;
  }

  /**
   * Sets input {@code input} of the row under construction. Calls that do the same take turns by row. Without {@code
   * strings} text is bytes.
   */
  void set(Batch batch, int input, int row, JavaText strings) {
    boolean even = row % 2 == 0;
    if (isNull(row)) {
      if (even) {
        batch.setMissing(input);
      }
      return;
    }
    if (items != null) {
      if (keys == null) {
        batch.beginList(input);
      } else {
        batch.beginMap(input);
      }
      for (int at = first.getInt(4 * row); at < first.getInt(4 * row + 4); at++) {
        if (keys != null) {
          keys.key(batch, at, strings);
        }
        items.add(batch, at, strings);
      }
      if (keys == null) {
        batch.endList();
      } else {
        batch.endMap();
      }
      return;
    }
    switch (type) {
      case "string":
        String text = strings == null ? null : strings.of(bytes(row));
        if (text != null) {
          batch.setString(input, text);
          return;
        }
        // fall through
      case "binary":
        if (even) {
          byte[] bytes = bytes(row);
          batch.setUtf8(input, bytes, 0, bytes.length);
        } else {
          int start = first.getInt(4 * row);
          batch.setUtf8(input, data.duplicate().position(start).limit(first.getInt(4 * row + 4)));
        }
        return;
      case "bool":
        batch.setBoolean(input, bit(row));
        return;
      case "int32":
      case "date":
        batch.setInt(input, first.getInt(4 * row));
        return;
      case "int64":
      case "timestamp":
        batch.setLong(input, first.getLong(8 * row));
        return;
      case "float32":
        batch.setFloat(input, first.getFloat(4 * row));
        return;
      case "float64":
        batch.setDouble(input, first.getDouble(8 * row));
        return;
      case "decimal":
        batch.setDecimal(input, decimal(row));
        return;
      default:
        throw new IllegalArgumentException(type);
    }
  }

  private void add(Batch batch, int row, JavaText strings) {
    if (isNull(row)) {
      batch.addMissing();
      return;
    }
    switch (type) {
      case "string":
        String text = strings == null ? null : strings.of(bytes(row));
        if (text != null) {
          batch.addString(text);
          return;
        }
        // fall through
      case "binary":
        byte[] bytes = bytes(row);
        batch.addUtf8(bytes, 0, bytes.length);
        return;
      case "bool":
        batch.addBoolean(bit(row));
        return;
      case "int32":
      case "date":
        batch.addInt(first.getInt(4 * row));
        return;
      case "int64":
      case "timestamp":
        batch.addLong(first.getLong(8 * row));
        return;
      case "float32":
        batch.addFloat(first.getFloat(4 * row));
        return;
      case "float64":
        batch.addDouble(first.getDouble(8 * row));
        return;
      case "decimal":
        batch.addDecimal(decimal(row));
        return;
      default:
        throw new IllegalArgumentException(type);
    }
  }

  private void key(Batch batch, int row, JavaText strings) {
    byte[] bytes = bytes(row);
    String text = strings == null ? null : strings.of(bytes);
    if (text != null) {
      batch.key(text);
    } else {
      batch.keyUtf8(bytes, 0, bytes.length);
    }
  }

  private byte[] bytes(int row) {
    int start = first.getInt(4 * row);
    byte[] bytes = new byte[first.getInt(4 * row + 4) - start];
    data.duplicate().position(start).get(bytes);
    return bytes;
  }

  private boolean bit(int row) {
    return (first.get(row >> 3) >> (row & 7) & 1) == 1;
  }

  private BigDecimal decimal(int row) {
    byte[] bigEndian = new byte[16];
    for (int i = 0; i < 16; i++) {
      bigEndian[15 - i] = first.get(16 * row + i);
    }
    return new BigDecimal(new BigInteger(bigEndian), scale);
  }
}
