// The optimiser's inner loops, compiled to WebAssembly SIMD by AssemblyScript. Addresses are bytes into the memory that
// holds parameters, gradients and moments; every count is a multiple of 4.

/** Floats that are summed in float32 before the sum is taken into float64: 64 additions a lane. */
const BLOCK: usize = 1024 * 4;

/**
 * Sum of squares at the speed of memory: float32 within a block, float64 over blocks. Relative error below 1e-5. Not
 * finite when an element is not, or when a block's sum exceeds float32: then exactSumOfSquares decides.
 */
export function sumOfSquares(x: usize, count: i32): f64 {
  let total: f64 = 0;
  const end = x + ((<usize>count) << 2);
  while (x < end) {
    const stop = x + BLOCK < end ? x + BLOCK : end;
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    for (; x + 64 <= stop; x += 64) {
      const p = v128.load(x);
      const q = v128.load(x, 16);
      const r = v128.load(x, 32);
      const s = v128.load(x, 48);
      a = f32x4.add(a, f32x4.mul(p, p));
      b = f32x4.add(b, f32x4.mul(q, q));
      c = f32x4.add(c, f32x4.mul(r, r));
      d = f32x4.add(d, f32x4.mul(s, s));
    }
    for (; x < stop; x += 16) {
      const p = v128.load(x);
      a = f32x4.add(a, f32x4.mul(p, p));
    }
    const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    total +=
      <f64>f32x4.extract_lane(sum, 0) +
      <f64>f32x4.extract_lane(sum, 1) +
      <f64>f32x4.extract_lane(sum, 2) +
      <f64>f32x4.extract_lane(sum, 3);
  }
  return total;
}

/** Sum of squares in float64: finite exactly when every element is. */
export function exactSumOfSquares(x: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const end = x + ((<usize>count) << 2);
  for (; x < end; x += 16) {
    const four = v128.load(x);
    const a = f64x2.promote_low_f32x4(four);
    const b = f64x2.promote_low_f32x4(i8x16.shuffle(four, four, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const both = f64x2.add(low, high);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

/**
 * One AdamW step (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2) on `count` elements, in PyTorch's order:
 * p *= keep; m += (g - m)(1 - beta1); v = v beta2 + g^2 (1 - beta2); p -= stepSize m / (sqrt(v) rootCorrection + epsilon),
 * with g scaled by `gradientScale` first, keep = 1 - rate x decay, stepSize = rate / (1 - beta1^t) and
 * rootCorrection = 1 / sqrt(1 - beta2^t).
 */
export function adamw(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  count: i32,
  gradientScale: f32,
  keep: f32,
  beta1: f32,
  beta2: f32,
  stepSize: f32,
  rootCorrection: f32,
  epsilon: f32,
): void {
  const scale = f32x4.splat(gradientScale);
  const keeps = f32x4.splat(keep);
  const toward = f32x4.splat(1 - beta1);
  const decay2 = f32x4.splat(beta2);
  const fresh2 = f32x4.splat(1 - beta2);
  const step = f32x4.splat(stepSize);
  const root = f32x4.splat(rootCorrection);
  const eps = f32x4.splat(epsilon);
  const end = (<usize>count) << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const grad = f32x4.mul(v128.load(g + i), scale);
    const first = v128.load(m + i);
    const moment = f32x4.add(first, f32x4.mul(f32x4.sub(grad, first), toward));
    const square = f32x4.add(f32x4.mul(v128.load(v + i), decay2), f32x4.mul(f32x4.mul(grad, grad), fresh2));
    const divisor = f32x4.add(f32x4.mul(f32x4.sqrt(square), root), eps);
    const kept = f32x4.mul(v128.load(p + i), keeps);
    v128.store(m + i, moment);
    v128.store(v + i, square);
    v128.store(p + i, f32x4.sub(kept, f32x4.mul(step, f32x4.div(moment, divisor))));
  }
}
