/**
 * Conversions between float32 and the two 16-bit formats of checkpoints: IEEE 754 binary16 (`F16`) and bfloat16 (`BF16`).
 * Both widen exactly; narrowing rounds to nearest, ties to even, as PyTorch and NumPy do.
 */

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** The float32 of a binary16's bits. */
function widen(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let table: Float32Array | undefined;

/** All 65,536 binary16 values: a lookup is several times faster than the arithmetic. */
export function float16Table(): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, bits) => widen(bits));
  return table;
}

/** Widens little-endian binary16 `bits` into `out` from index `at`. */
export function decodeFloat16(bits: Uint16Array, out: Float32Array, at = 0): void {
  const values = float16Table();
  for (let i = 0; i < bits.length; i++) out[at + i] = values[bits[i] ?? 0] ?? NaN;
}

/** Widens little-endian bfloat16 `bits` into `out` from index `at`: they are the upper half of a float32. */
export function decodeBfloat16(bits: Uint16Array, out: Float32Array, at = 0): void {
  const target = new Uint32Array(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < bits.length; i++) target[at + i] = ((bits[i] ?? 0) << 16) >>> 0;
}

/** The bits of the binary16 nearest to `value`; beyond 65,504 it is infinity. */
export function float16Bits(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds to 2^16 or above
  if (magnitude < 0x38800000) return sign | subnormalBits(Math.abs(scratch[0]));
  // Rebias the exponent from 127 to 15, then round the 13 dropped bits to even.
  const rebiased = magnitude - 0x38000000;
  return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
}

/** Below 2^-14 a binary16 is a multiple of 2^-24: adding 2^52 makes float64 round it to even for us. */
function subnormalBits(magnitude: number): number {
  return magnitude / 2 ** -24 + 2 ** 52 - 2 ** 52;
}

/** Narrows `values` to binary16. Returns the index of the first finite value that overflows, or -1. */
export function encodeFloat16(values: Float32Array, out: Uint16Array): number {
  let overflow = -1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    const bits = float16Bits(value);
    if ((bits & 0x7fff) === 0x7c00 && overflow < 0 && Number.isFinite(value)) overflow = i;
    out[i] = bits;
  }
  return overflow;
}
