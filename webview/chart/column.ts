/** A growing column of numbers in one typed array. NaN means that nothing was measured. */
export interface Column {
  data: Float64Array;
  length: number;
}

export function newColumn(): Column {
  return { data: new Float64Array(256), length: 0 };
}

/** Appends values; `null` becomes NaN. The memory doubles when it is full. */
export function append(column: Column, values: readonly (number | null)[]): void {
  const length = column.length + values.length;
  if (length > column.data.length) {
    const grown = new Float64Array(Math.max(length, column.data.length * 2));
    grown.set(column.data.subarray(0, column.length));
    column.data = grown;
  }
  for (let i = 0; i < values.length; i++) column.data[column.length + i] = values[i] ?? Number.NaN;
  column.length = length;
}

/** Removes the values from index `length` on. */
export function cut(column: Column, length: number): void {
  column.length = Math.min(column.length, length);
}

/** The values as a view, valid until the next append. */
export function filled(column: Column): Float64Array {
  return column.data.subarray(0, column.length);
}

/** First index of an ascending column whose value is at least `value`; the column's length where there is none. */
export function lowerBound(column: Column, value: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((column.data[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
