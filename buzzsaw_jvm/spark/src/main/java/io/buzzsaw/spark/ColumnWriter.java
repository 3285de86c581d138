package io.buzzsaw.spark;

import io.buzzsaw.Batch;
import io.buzzsaw.Problem;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.UserDefinedType;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Appends the values of one Spark column to an input of a {@link Batch}, as Spark holds them.
 *
 * <p>It takes the pairs of types that the Python runtime takes, through Arrow, and no others: integers and floats widen,
 * whole numbers go to decimals, bytes to text. A column of nulls without a type is missing.
 */
final class ColumnWriter implements Serializable {
  private static final long serialVersionUID = 1L;

  private enum Kind {
    NOTHING,
    BOOL,
    INT8,
    INT8_AS_FLOAT,
    INT16,
    INT16_AS_FLOAT,
    INT32,
    INT64,
    FLOAT32,
    FLOAT64,
    DECIMAL,
    STRING,
    BINARY,
    LIST,
    MAP
  }

  private final Kind kind;

  /** What a value takes in the batch, missing or not: itself, or the offset of its text or items; and its validity. */
  private final int taken;

  /** Of a decimal; 0 for other types. */
  private final int precision;

  private final int scale;

  /** Writes a list's items or a map's values; null for other types. */
  private final ColumnWriter items;

  /** Whether a map's keys are bytes that Spark does not call text. */
  private final boolean binaryKeys;

  private transient byte[] scratch;

  private ColumnWriter(Kind kind, DataType type, String wanted, ColumnWriter items) {
    this.kind = kind;
    taken = width(wanted) + 1;
    precision = type instanceof DecimalType decimal ? decimal.precision() : 0;
    scale = type instanceof DecimalType decimal ? decimal.scale() : 0;
    this.items = items;
    binaryKeys = type instanceof MapType map && map.keyType() instanceof BinaryType;
  }

  /**
   * A writer from a Spark type to an input's type.
   *
   * @param given Spark's type
   * @param wanted the input's type as a spec writes it
   * @param place where a problem is
   * @param problems takes a problem when the types do not fit
   * @return the writer; null when the types do not fit
   */
  static ColumnWriter of(DataType given, String wanted, String place, List<Problem> problems) {
    if (given instanceof UserDefinedType<?> userDefined) {
      return of(userDefined.sqlType(), wanted, place, problems);
    }
    if (given instanceof NullType) {
      return new ColumnWriter(Kind.NOTHING, given, wanted, null);
    }
    if (wanted.startsWith("list<") && given instanceof ArrayType array) {
      ColumnWriter items = of(array.elementType(), inner(wanted), place + ".item", problems);
      return new ColumnWriter(Kind.LIST, given, wanted, items);
    }
    if (wanted.startsWith("map<") && given instanceof MapType map) {
      if (!(map.keyType() instanceof StringType || map.keyType() instanceof BinaryType)) {
        problems.add(mismatch(map.keyType(), "string", place + ".key"));
      }
      ColumnWriter values = of(map.valueType(), inner(wanted), place + ".value", problems);
      return new ColumnWriter(Kind.MAP, given, wanted, values);
    }
    Kind kind = scalar(given, wanted);
    if (kind == null) {
      problems.add(mismatch(given, wanted, place));
      return null;
    }
    return new ColumnWriter(kind, given, wanted, null);
  }

  /** Writers for columns; throws every mismatch at once. */
  static ColumnWriter[] of(List<DataType> given, List<String> wanted, List<String> names) {
    List<Problem> problems = new ArrayList<>();
    ColumnWriter[] writers = new ColumnWriter[names.size()];
    for (int i = 0; i < writers.length; i++) {
      writers[i] = of(given.get(i), wanted.get(i), "inputs." + names.get(i), problems);
    }
    Refusal.check(problems);
    return writers;
  }

  private static Kind scalar(DataType given, String wanted) {
    boolean number = switch (wanted) {
      case "int32", "int64", "float64", "decimal" -> true;
      default -> false;
    };
    if (given instanceof ByteType) {
      return number ? Kind.INT8 : wanted.equals("float32") ? Kind.INT8_AS_FLOAT : null;
    }
    if (given instanceof ShortType) {
      return number ? Kind.INT16 : wanted.equals("float32") ? Kind.INT16_AS_FLOAT : null;
    }
    if (given instanceof IntegerType) {
      return number ? Kind.INT32 : null;
    }
    if (given instanceof LongType) {
      return wanted.equals("int64") || wanted.equals("decimal") ? Kind.INT64 : null;
    }
    if (given instanceof FloatType) {
      return wanted.equals("float32") || wanted.equals("float64") ? Kind.FLOAT32 : null;
    }
    if (given instanceof BinaryType) {
      return wanted.equals("string") || wanted.equals("binary") ? Kind.BINARY : null;
    }
    if (given instanceof TimestampType || given instanceof TimestampNTZType) {
      return wanted.equals("timestamp") ? Kind.INT64 : null;
    }
    return switch (wanted) {
      case "bool" -> given instanceof BooleanType ? Kind.BOOL : null;
      case "float64" -> given instanceof DoubleType ? Kind.FLOAT64 : null;
      case "decimal" -> given instanceof DecimalType ? Kind.DECIMAL : null;
      case "string" -> given instanceof StringType ? Kind.STRING : null;
      case "date" -> given instanceof DateType ? Kind.INT32 : null;
      default -> null;
    };
  }

  /** The bytes of a value of fixed size, or of an offset. */
  private static int width(String wanted) {
    return switch (wanted) {
      case "bool" -> 1;
      case "int64", "float64", "timestamp" -> Long.BYTES;
      case "decimal" -> 2 * Long.BYTES;
      default -> Integer.BYTES;
    };
  }

  private static String inner(String type) {
    return type.substring(type.indexOf('<') + 1, type.length() - 1);
  }

  private static Problem mismatch(DataType given, String wanted, String place) {
    boolean text = given instanceof StringType && (wanted.equals("timestamp") || wanted.equals("date"));
    return new Problem(
        "BZ_TYPE_MISMATCH",
        "the column is " + given.simpleString() + "; the spec wants " + wanted,
        place,
        text ? "parse the text to a timestamp before" : "cast the column, or change the input's type in the spec");
  }

  /**
   * Sets an input to a value, which may be null.
   *
   * @param row holds the value
   * @param at where
   * @param batch the batch, within a row
   * @param input the input's index
   * @return about the number of bytes that the batch takes for it
   */
  long set(SpecializedGetters row, int at, Batch batch, int input) {
    if (kind == Kind.NOTHING || row.isNullAt(at)) {
      batch.setMissing(input);
      return taken;
    }
    long more = 0;
    switch (kind) {
      case BOOL:
        batch.setBoolean(input, row.getBoolean(at));
        break;
      case INT8:
        batch.setInt(input, row.getByte(at));
        break;
      case INT8_AS_FLOAT:
        batch.setFloat(input, row.getByte(at));
        break;
      case INT16:
        batch.setInt(input, row.getShort(at));
        break;
      case INT16_AS_FLOAT:
        batch.setFloat(input, row.getShort(at));
        break;
      case INT32:
        batch.setInt(input, row.getInt(at));
        break;
      case INT64:
        batch.setLong(input, row.getLong(at));
        break;
      case FLOAT32:
        batch.setFloat(input, row.getFloat(at));
        break;
      case FLOAT64:
        batch.setDouble(input, row.getDouble(at));
        break;
      case DECIMAL:
        Decimal decimal = row.getDecimal(at, precision, scale);
        if (precision <= Decimal.MAX_LONG_DIGITS()) {
          batch.setDecimal(input, decimal.toUnscaledLong(), decimal.scale());
        } else {
          batch.setDecimal(input, decimal.toJavaBigDecimal());
        }
        break;
      case STRING:
        UTF8String text = row.getUTF8String(at);
        int length = text.numBytes();
        if (text.getBaseObject() instanceof byte[] held) {
          batch.setUtf8(input, held, offset(text), length);
        } else {
          batch.setUtf8(input, copied(text, length), 0, length);
        }
        more = length;
        break;
      case BINARY:
        byte[] bytes = row.getBinary(at);
        batch.setUtf8(input, bytes, 0, bytes.length);
        more = bytes.length;
        break;
      case LIST:
        batch.beginList(input);
        more = addAll(row.getArray(at), batch);
        batch.endList();
        break;
      default:
        batch.beginMap(input);
        more = addEntries(row.getMap(at), batch);
        batch.endMap();
        break;
    }
    return taken + more;
  }

  private long addAll(ArrayData array, Batch batch) {
    long size = 0;
    int count = array.numElements();
    for (int i = 0; i < count; i++) {
      size += items.add(array, i, batch);
    }
    return size;
  }

  private long addEntries(MapData map, Batch batch) {
    long size = 0;
    ArrayData keys = map.keyArray();
    ArrayData values = map.valueArray();
    int count = map.numElements();
    for (int i = 0; i < count; i++) {
      UTF8String key = binaryKeys ? UTF8String.fromBytes(keys.getBinary(i)) : keys.getUTF8String(i);
      int length = key.numBytes();
      if (key.getBaseObject() instanceof byte[] held) {
        batch.keyUtf8(held, offset(key), length);
      } else {
        batch.keyUtf8(copied(key, length), 0, length);
      }
      size += Integer.BYTES + length + items.add(values, i, batch);
    }
    return size;
  }

  /** As {@link #set}, to the open list, or as the value of the last key to the open map. */
  private long add(ArrayData values, int at, Batch batch) {
    if (kind == Kind.NOTHING || values.isNullAt(at)) {
      batch.addMissing();
      return taken;
    }
    long more = 0;
    switch (kind) {
      case BOOL:
        batch.addBoolean(values.getBoolean(at));
        break;
      case INT8:
        batch.addInt(values.getByte(at));
        break;
      case INT8_AS_FLOAT:
        batch.addFloat(values.getByte(at));
        break;
      case INT16:
        batch.addInt(values.getShort(at));
        break;
      case INT16_AS_FLOAT:
        batch.addFloat(values.getShort(at));
        break;
      case INT32:
        batch.addInt(values.getInt(at));
        break;
      case INT64:
        batch.addLong(values.getLong(at));
        break;
      case FLOAT32:
        batch.addFloat(values.getFloat(at));
        break;
      case FLOAT64:
        batch.addDouble(values.getDouble(at));
        break;
      case DECIMAL:
        batch.addDecimal(values.getDecimal(at, precision, scale).toJavaBigDecimal());
        break;
      case STRING:
        UTF8String text = values.getUTF8String(at);
        int length = text.numBytes();
        if (text.getBaseObject() instanceof byte[] held) {
          batch.addUtf8(held, offset(text), length);
        } else {
          batch.addUtf8(copied(text, length), 0, length);
        }
        more = length;
        break;
      default:
        byte[] bytes = values.getBinary(at);
        batch.addUtf8(bytes, 0, bytes.length);
        more = bytes.length;
        break;
    }
    return taken + more;
  }

  /** Equal writers write equal values alike, which makes plans over them equal. */
  @Override
  public boolean equals(Object other) {
    return other instanceof ColumnWriter same
        && same.kind == kind
        && same.taken == taken
        && same.precision == precision
        && same.scale == scale
        && same.binaryKeys == binaryKeys
        && Objects.equals(same.items, items);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, precision, scale, binaryKeys, items);
  }

  private static int offset(UTF8String text) {
    return (int) (text.getBaseOffset() - Platform.BYTE_ARRAY_OFFSET);
  }

  /** The bytes of text in memory pages, which are off the heap or arrays of longs. */
  private byte[] copied(UTF8String text, int length) {
    if (scratch == null || scratch.length < length) {
      scratch = new byte[Math.max(length, 1024)];
    }
    text.writeToMemory(scratch, Platform.BYTE_ARRAY_OFFSET);
    return scratch;
  }
}
