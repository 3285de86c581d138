package io.buzzsaw.internal;

import io.buzzsaw.BuzzsawException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * The buffers of one input column, in the layout of {@code buzzsaw_core::batch}.
 *
 * <p>One class for all types keeps the calls of a batch monomorphic.
 */
public final class ColumnBuffer {
  private enum Kind {
    BOOL,
    INT32,
    INT64,
    FLOAT32,
    FLOAT64,
    DECIMAL,
    STRING,
    BINARY,
    DATE,
    TIMESTAMP,
    LIST,
    MAP
  }

  private static final BigInteger MAX_DECIMAL = BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE);
  private static final BigInteger MIN_DECIMAL = BigInteger.ONE.shiftLeft(127).negate();
  private static final int DECIMAL_BYTES = 16;

  private final Kind kind;
  private final String type;
  private final String place;
  private int count;

  /** One byte a value once one is missing; empty before. */
  private final GrowableBuffer valid;

  /** Values of fixed size, or offsets. */
  private final GrowableBuffer values;

  /** The bytes of strings or of a map's keys; null for other types. */
  private final GrowableBuffer bytes;

  /** Offsets of a map's keys; null for other types. */
  private final GrowableBuffer keys;

  /** A list's items or a map's values; null for other types. */
  private final ColumnBuffer child;

  /** The scale of a decimal column: that of its first value, or of a finer one since. Missing values are 0 at any. */
  private int scale;

  /** Whether a value has set the scale. */
  private boolean scaled;

  /**
   * An empty column.
   *
   * @param type the type as a spec writes it
   * @param place the place that errors name
   * @param budget what its buffers may grow to
   */
  public ColumnBuffer(String type, String place, GrowableBuffer.Budget budget) {
    this.type = type;
    this.place = place;
    this.kind = kind(type);
    boolean nested = kind == Kind.LIST || kind == Kind.MAP;
    boolean text = kind == Kind.STRING || kind == Kind.BINARY;
    this.valid = new GrowableBuffer(budget);
    this.values = new GrowableBuffer(budget);
    this.bytes = text || kind == Kind.MAP ? new GrowableBuffer(budget) : null;
    this.keys = kind == Kind.MAP ? new GrowableBuffer(budget) : null;
    if (nested) {
      String item = type.substring(type.indexOf('<') + 1, type.length() - 1);
      this.child = new ColumnBuffer(item, place + (keys == null ? ".item" : ".value"), budget);
    } else {
      this.child = null;
    }
    truncate(0);
  }

  private static Kind kind(String type) {
    int end = type.indexOf('<');
    return Kind.valueOf((end < 0 ? type : type.substring(0, end)).toUpperCase(java.util.Locale.ROOT));
  }

  /**
   * The number of values.
   *
   * @return the count
   */
  public int count() {
    return count;
  }

  /**
   * The place that errors name.
   *
   * @return such as {@code inputs.title}
   */
  public String place() {
    return place;
  }

  /**
   * Appends a boolean.
   *
   * @param value for {@code bool}
   */
  public void putBoolean(boolean value) {
    if (kind != Kind.BOOL) {
      throw mismatch("a boolean");
    }
    values.putByte(value ? 1 : 0);
    given();
  }

  /**
   * Appends a 32-bit integer.
   *
   * @param value for {@code int32}, or days for {@code date}; widens to int64, float64 and decimal
   */
  public void putInt(int value) {
    if (kind == Kind.INT32 || kind == Kind.DATE) {
      values.putInt(value);
    } else if (kind == Kind.INT64) {
      values.putLong(value);
    } else if (kind == Kind.FLOAT64) {
      values.putDouble(value);
    } else if (kind == Kind.DECIMAL) {
      appendDecimal(value, 0);
    } else {
      throw mismatch("a 32-bit integer");
    }
    given();
  }

  /**
   * Appends a 64-bit integer.
   *
   * @param value for {@code int64}, or microseconds for {@code timestamp}; widens to decimal
   */
  public void putLong(long value) {
    if (kind == Kind.INT64 || kind == Kind.TIMESTAMP) {
      values.putLong(value);
    } else if (kind == Kind.DECIMAL) {
      appendDecimal(value, 0);
    } else {
      throw mismatch("a 64-bit integer");
    }
    given();
  }

  /**
   * Appends a 32-bit float.
   *
   * @param value for {@code float32}; widens to float64
   */
  public void putFloat(float value) {
    if (kind == Kind.FLOAT32) {
      values.putFloat(value);
    } else if (kind == Kind.FLOAT64) {
      values.putDouble(value);
    } else {
      throw mismatch("a 32-bit float");
    }
    given();
  }

  /**
   * Appends a 64-bit float.
   *
   * @param value for {@code float64}
   */
  public void putDouble(double value) {
    if (kind != Kind.FLOAT64) {
      throw mismatch("a 64-bit float");
    }
    values.putDouble(value);
    given();
  }

  /**
   * Appends a decimal.
   *
   * @param unscaled the digits
   * @param valueScale the number of them after the point
   */
  public void putDecimal(long unscaled, int valueScale) {
    if (kind != Kind.DECIMAL) {
      throw mismatch("a decimal");
    }
    appendDecimal(unscaled, valueScale);
    given();
  }

  /**
   * Appends a decimal.
   *
   * @param value for {@code decimal}; null is missing
   */
  public void putDecimal(BigDecimal value) {
    if (value == null) {
      putMissing();
      return;
    }
    if (kind != Kind.DECIMAL) {
      throw mismatch("a decimal");
    }
    appendDecimal(value.unscaledValue(), value.scale());
    given();
  }

  /**
   * Appends a byte string.
   *
   * @param source holds it; null is missing
   * @param offset where it starts
   * @param length its length
   */
  public void putUtf8(byte[] source, int offset, int length) {
    if (source == null) {
      putMissing();
      return;
    }
    if (kind != Kind.STRING && kind != Kind.BINARY) {
      throw mismatch("a byte string");
    }
    Objects.checkFromIndexSize(offset, length, source.length);
    bytes.putBytes(source, offset, length);
    values.putInt(bytes.size());
    given();
  }

  /**
   * Appends a byte string.
   *
   * @param source its bytes from position to limit; neither moves; null is missing
   */
  public void putUtf8(ByteBuffer source) {
    if (source == null) {
      putMissing();
      return;
    }
    if (kind != Kind.STRING && kind != Kind.BINARY) {
      throw mismatch("a byte string");
    }
    bytes.putBytes(source);
    values.putInt(bytes.size());
    given();
  }

  /**
   * Appends text.
   *
   * @param text for {@code string}; null is missing
   * @param encoder encodes it
   */
  public void putString(CharSequence text, Utf8Encoder encoder) {
    if (text == null) {
      putMissing();
      return;
    }
    if (kind != Kind.STRING) {
      throw mismatch("text");
    }
    encoder.append(text, bytes);
    values.putInt(bytes.size());
    given();
  }

  /** Appends a missing value. */
  public void putMissing() {
    switch (kind) {
      case BOOL:
        values.putByte(0);
        break;
      case INT32:
      case FLOAT32:
      case DATE:
        values.putInt(0);
        break;
      case INT64:
      case FLOAT64:
      case TIMESTAMP:
        values.putLong(0);
        break;
      case DECIMAL:
        values.putLong(0);
        values.putLong(0);
        break;
      case STRING:
      case BINARY:
        values.putInt(bytes.size());
        break;
      default:
        values.putInt(child.count);
        break;
    }
    for (int i = valid.size(); i < count; i++) {
      valid.putByte(1);
    }
    valid.putByte(0);
    count++;
  }

  /**
   * A list's items.
   *
   * @return the column to append them to, before {@link #endNested}
   */
  public ColumnBuffer items() {
    if (kind != Kind.LIST) {
      throw mismatch("a list");
    }
    return child;
  }

  /**
   * A map's values.
   *
   * @return the column to append one to after each key, before {@link #endNested}
   */
  public ColumnBuffer entries() {
    if (kind != Kind.MAP) {
      throw mismatch("a map");
    }
    return child;
  }

  /**
   * Appends a map's key.
   *
   * @param source holds it, not null
   * @param offset where it starts
   * @param length its length
   */
  public void putKey(byte[] source, int offset, int length) {
    checkKey(source);
    Objects.checkFromIndexSize(offset, length, source.length);
    bytes.putBytes(source, offset, length);
    keys.putInt(bytes.size());
  }

  /**
   * Appends a map's key.
   *
   * @param source its bytes, not null, from position to limit; neither moves
   */
  public void putKey(ByteBuffer source) {
    checkKey(source);
    bytes.putBytes(source);
    keys.putInt(bytes.size());
  }

  /**
   * Appends a map's key.
   *
   * @param text the key, not null
   * @param encoder encodes it
   */
  public void putKey(CharSequence text, Utf8Encoder encoder) {
    checkKey(text);
    encoder.append(text, bytes);
    keys.putInt(bytes.size());
  }

  private void checkKey(Object key) {
    if (key == null) {
      throw Failures.invalid(place + ".key", "a key of the map is null", "leave its entry out, or give it a key");
    }
  }

  /**
   * Whether a map's last key waits for its value; to be asked of maps alone.
   *
   * @return after a key, until a value is appended
   */
  public boolean isKeyed() {
    return keys.size() / Integer.BYTES - 1 > child.count;
  }

  /** Ends the list or map under construction. */
  public void endNested() {
    values.putInt(child.count);
    given();
  }

  /**
   * Keeps the first values.
   *
   * @param newCount how many
   */
  public void truncate(int newCount) {
    count = newCount;
    valid.truncate(newCount);
    if (bytes == null && child == null) {
      values.truncate(newCount * width());
      if (newCount == 0) {
        scale = 0;
        scaled = false;
      }
      return;
    }
    int end = keepOffsets(values, newCount);
    if (keys != null) {
      bytes.truncate(keepOffsets(keys, end));
    } else if (bytes != null) {
      bytes.truncate(end);
    }
    if (child != null) {
      child.truncate(end);
    }
  }

  /** Keeps the offsets of so many values, the first of which is 0, and returns the last. */
  private static int keepOffsets(GrowableBuffer offsets, int values) {
    if (offsets.size() == 0) {
      offsets.putInt(0);
    }
    offsets.truncate((values + 1) * Integer.BYTES);
    return offsets.buffer().getInt(offsets.size() - Integer.BYTES);
  }

  /** Writes the addresses and sizes of the buffers, in the order of the layout. */
  void describe(Descriptor words) {
    words.putBytes(valid);
    if (kind == Kind.DECIMAL) {
      words.putLong(scale);
    }
    words.putBytes(values);
    if (keys != null) {
      words.putBytes(keys);
    }
    if (bytes != null) {
      words.putBytes(bytes);
    }
    if (child != null) {
      child.describe(words);
    }
  }

  private void given() {
    if (valid.size() > 0) {
      valid.putByte(1);
    }
    count++;
  }

  private int width() {
    switch (kind) {
      case BOOL:
        return 1;
      case INT32:
      case FLOAT32:
      case DATE:
        return Integer.BYTES;
      case DECIMAL:
        return DECIMAL_BYTES;
      default:
        return Long.BYTES;
    }
  }

  private BuzzsawException mismatch(String given) {
    return Failures.mismatch(place, type, given);
  }

  private void appendDecimal(long unscaled, int valueScale) {
    if (scaled && valueScale == scale) {
      values.putLong(unscaled);
      values.putLong(unscaled >> 63);
    } else {
      appendDecimal(BigInteger.valueOf(unscaled), valueScale);
    }
  }

  /**
   * A column has one scale. A finer value rescales what is there, which changes no number: each is rounded to f64
   * once, whatever its scale.
   */
  private void appendDecimal(BigInteger unscaled, int valueScale) {
    if (valueScale < Byte.MIN_VALUE || valueScale > Byte.MAX_VALUE) {
      throw tooWide();
    }
    if (!scaled) {
      scale = valueScale;
    } else if (valueScale > scale) {
      BigInteger factor = BigInteger.TEN.pow(valueScale - scale);
      BigInteger[] rescaled = new BigInteger[count];
      for (int i = 0; i < count; i++) {
        rescaled[i] = fitting(decimal(i).multiply(factor));
      }
      values.truncate(0);
      for (BigInteger value : rescaled) {
        store(value);
      }
      scale = valueScale;
    }
    store(fitting(unscaled.multiply(BigInteger.TEN.pow(scale - valueScale))));
    scaled = true;
  }

  private BigInteger decimal(int i) {
    long low = values.buffer().getLong(i * DECIMAL_BYTES);
    long high = values.buffer().getLong(i * DECIMAL_BYTES + Long.BYTES);
    byte[] big = ByteBuffer.allocate(DECIMAL_BYTES).putLong(high).putLong(low).array();
    return new BigInteger(big);
  }

  private void store(BigInteger value) {
    values.putLong(value.longValue());
    values.putLong(value.shiftRight(64).longValue());
  }

  private BigInteger fitting(BigInteger value) {
    if (value.compareTo(MAX_DECIMAL) > 0 || value.compareTo(MIN_DECIMAL) < 0) {
      throw tooWide();
    }
    return value;
  }

  private BuzzsawException tooWide() {
    return Failures.invalid(
        place,
        "the decimals of the column do not fit 128 bits at one scale",
        "give them with fewer digits, or as float64");
  }
}
