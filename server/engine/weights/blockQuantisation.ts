/**
 * Matrices in few bits, by blocks of 32 numbers of a row that share a scale.
 *
 * - int8: x ~ scale c, c = -127..127: GGUF's Q8_0 with a float32 scale.
 * - int4: x ~ scale c + minimum, c = 0..15: GGUF's Q4_1 with float32 scale and minimum, two numbers a byte, the first in
 *   the lower half. The minimum is a number of its own and no level of the scale: a zero point that is one was measured to
 *   lose more, and cannot give back what a checkpoint holds as Q4_0 or Q4_1.
 *
 * `values` is a whole number of blocks long. What holds a number that is not finite is refused, by `false`.
 */
export const BLOCK = 32;

const LARGEST_INT8 = 127;
const LARGEST_INT4 = 15;

/** The fewest steps between the extremes of a block that are tried: of a 4-bit checkpoint a block may lack some levels. */
const FEWEST_STEPS = 10;

/** Squared error, as a share of the block's squared range, below which a block counts as held exactly. */
const EXACT = 1e-12;

/** `codes` as long as `values`, a scale a block. */
export function quantiseInt8(values: Float32Array, codes: Int8Array, scales: Float32Array): boolean {
  for (let block = 0, at = 0; at < values.length; block++, at += BLOCK) {
    let largest = 0;
    for (let i = at; i < at + BLOCK; i++) {
      const size = Math.abs(values[i] ?? NaN);
      if (!Number.isFinite(size)) return false;
      if (size > largest) largest = size;
    }
    const scale = Math.fround(largest / LARGEST_INT8);
    scales[block] = scale;
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = at; i < at + BLOCK; i++) codes[i] = rounded((values[i] ?? 0) * inverse, -LARGEST_INT8, LARGEST_INT8);
  }
  return true;
}

export function dequantiseInt8(codes: Int8Array, scales: Float32Array, out: Float32Array): void {
  for (let i = 0; i < codes.length; i++) out[i] = (codes[i] ?? 0) * (scales[Math.floor(i / BLOCK)] ?? 0);
}

/** `packed` half as long as `values`, a scale and a minimum a block. */
export function quantiseInt4(
  values: Float32Array,
  packed: Uint8Array,
  scales: Float32Array,
  minima: Float32Array,
): boolean {
  for (let block = 0, at = 0; at < values.length; block++, at += BLOCK) {
    const fit = bestGrid(values.subarray(at, at + BLOCK));
    if (!fit) return false;
    const { scale, minimum } = fit;
    scales[block] = scale;
    minima[block] = minimum;
    const inverse = scale === 0 ? 0 : 1 / scale;
    const code = (i: number): number => rounded(((values[i] ?? 0) - minimum) * inverse, 0, LARGEST_INT4);
    for (let i = at; i < at + BLOCK; i += 2) packed[i / 2] = code(i) | (code(i + 1) << 4);
  }
  return true;
}

export function dequantiseInt4(
  packed: Uint8Array,
  scales: Float32Array,
  minima: Float32Array,
  out: Float32Array,
): void {
  for (let i = 0; i < out.length; i++) {
    const both = packed[i >> 1] ?? 0;
    const block = Math.floor(i / BLOCK);
    out[i] = (i % 2 === 0 ? both & 15 : both >> 4) * (scales[block] ?? 0) + (minima[block] ?? 0);
  }
}

interface Grid {
  readonly scale: number;
  readonly minimum: number;
}

/**
 * The grid with the least squared error among those that divide the block's range into 15 steps or fewer, and what least
 * squares make of the best one's codes. Undefined where a number is not finite.
 */
function bestGrid(block: Float32Array): Grid | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const value of block) {
    if (!Number.isFinite(value)) return undefined;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const range = high - low;
  if (range === 0) return { scale: 0, minimum: low };
  let [best, least] = [{ scale: Math.fround(range / LARGEST_INT4), minimum: low }, Infinity];
  const consider = (grid: Grid): void => {
    const error = squaredError(block, grid);
    if (error < least) [best, least] = [grid, error];
  };
  for (let steps = LARGEST_INT4; steps >= FEWEST_STEPS && least > EXACT * range * range; steps--) {
    consider({ scale: Math.fround(range / steps), minimum: low });
  }
  if (least > EXACT * range * range) consider(leastSquares(block, best));
  return best;
}

function squaredError(block: Float32Array, { scale, minimum }: Grid): number {
  const inverse = 1 / scale;
  let sum = 0;
  for (const value of block) {
    const gap = rounded((value - minimum) * inverse, 0, LARGEST_INT4) * scale + minimum - value;
    sum += gap * gap;
  }
  return sum;
}

/** The line through (code, value) of a grid's codes; the grid itself where all codes are one. */
function leastSquares(block: Float32Array, grid: Grid): Grid {
  const inverse = 1 / grid.scale;
  let [codes, squares, values, products] = [0, 0, 0, 0];
  for (const value of block) {
    const code = rounded((value - grid.minimum) * inverse, 0, LARGEST_INT4);
    codes += code;
    squares += code * code;
    values += value;
    products += code * value;
  }
  const determinant = BLOCK * squares - codes * codes;
  if (determinant === 0) return grid;
  const scale = Math.fround((BLOCK * products - codes * values) / determinant);
  return scale > 0 ? { scale, minimum: Math.fround((values - scale * codes) / BLOCK) } : grid;
}

function rounded(value: number, least: number, most: number): number {
  const whole = Math.round(value);
  return whole < least ? least : whole > most ? most : whole;
}
