package io.buzzsaw.spark;

import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;

/**
 * Generated code of one task.
 *
 * @param group makes the group's id a row of its own; null when there are no groups
 * @param kept makes the kept columns a row of their own; null when there are none
 */
record RowProjections(UnsafeProjection group, UnsafeProjection kept) {}
