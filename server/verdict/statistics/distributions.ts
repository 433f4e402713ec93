/** The distribution functions that the verdict needs, to full double precision: beta, Student's t and normal. */
import { internal } from '../../protocol/errors.ts';

/** Smallest positive number that a continued fraction may divide by (Lentz's method). */
const TINY = 1e-300;
const PRECISION = 2 ** -53;

/**
 * Regularised incomplete beta function I_x(a, b), `a`, `b` > 0, 0 <= x <= 1: the distribution function of Beta(a, b).
 * By the continued fraction of DLMF 8.17.22, on the side of the mean where it converges fast.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  return betaTail(x, 1 - x, a, b);
}

/** I_x(a, b) with `y` = 1 - x given apart, so that an x near 1 loses no digits. */
function betaTail(x: number, y: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - betaTail(y, x, b, a);
  const front = Math.exp(a * logOf(x, y) + b * logOf(y, x) - logBeta(a, b)) / a;
  return front * betaFraction(x, a, b);
}

/** ln x, where `y` = 1 - x is the more exact of the two if it is the smaller. */
function logOf(x: number, y: number): number {
  return x > 0.5 ? Math.log1p(-y) : Math.log(x);
}

/** 1 / (1 + d_1 / (1 + d_2 / (1 + ...))) by Lentz's method as Thompson and Barnett changed it (1986). */
function betaFraction(x: number, a: number, b: number): number {
  let numerator = 1;
  let denominator = 1 / away(1 + betaTerm(1, x, a, b));
  let value = denominator;
  for (let step = 2; step < 10000; step++) {
    const term = betaTerm(step, x, a, b);
    denominator = 1 / away(1 + term * denominator);
    numerator = away(1 + term / numerator);
    value *= numerator * denominator;
    if (Math.abs(numerator * denominator - 1) < 2 * PRECISION) return value;
  }
  throw internal(`the incomplete beta function of ${x}, ${a}, ${b} does not converge`);
}

function betaTerm(step: number, x: number, a: number, b: number): number {
  const m = Math.floor(step / 2);
  if (step % 2 === 0) return (m * (b - m) * x) / ((a + step - 1) * (a + step));
  return (-(a + m) * (a + b + m) * x) / ((a + step - 1) * (a + step));
}

function away(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** ln B(a, b). The larger argument goes through Stirling's series, whose leading terms cancel exactly. */
function logBeta(a: number, b: number): number {
  const [small, large] = a < b ? [a, b] : [b, a];
  if (large < 10) return logGamma(a) + logGamma(b) - logGamma(a + b);
  const sum = small + large;
  const ratio = small - (large - 0.5) * Math.log1p(small / large) - small * Math.log(sum);
  return logGamma(small) + ratio + stirling(large) - stirling(sum);
}

/** ln Gamma(x) - ((x - 1/2) ln x - x + ln(2 pi) / 2) for x >= 10 (DLMF 5.11.1). */
function stirling(x: number): number {
  const r = 1 / (x * x);
  return (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r * (1 / 1188 - (r * 691) / 360360))))) / x;
}

/** ln Gamma(x), x > 0: Stirling's series, reached by Gamma(x + 1) = x Gamma(x). */
function logGamma(x: number): number {
  let [shifted, product] = [x, 1];
  while (shifted < 10) product *= shifted++;
  return (
    (shifted - 0.5) * Math.log(shifted) - shifted + Math.log(2 * Math.PI) / 2 + stirling(shifted) - Math.log(product)
  );
}

/** P(T <= t) of Student's t with `df` > 0 degrees of freedom, which may be fractional. */
export function studentCdf(t: number, df: number): number {
  const square = t * t;
  const tail = betaTail(df / (df + square), square / (df + square), df / 2, 0.5) / 2;
  if (square === 0) return 0.5;
  return t < 0 ? tail : 1 - tail;
}

/**
 * The t with P(T <= t) = `p`, 0 < p < 1. Left of 0 the distribution function is convex, so that Newton's method comes down
 * to the quantile from 0 without overshooting.
 */
export function studentQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1)) throw internal(`the quantile of Student's t at ${p}`);
  if (p > 0.5) return -studentQuantile(1 - p, df);
  const scale = Math.exp(-logBeta(df / 2, 0.5)) / Math.sqrt(df);
  let t = 0;
  for (let step = 0; step < 1000; step++) {
    const density = scale * Math.exp((-(df + 1) / 2) * Math.log1p((t * t) / df));
    const change = (studentCdf(t, df) - p) / density;
    t -= change;
    if (change <= 1e-15 * Math.abs(t)) return t;
  }
  throw internal(`the quantile of Student's t at ${p} with ${df} degrees of freedom does not converge`);
}

/**
 * Where a condition that is false at `left` and true at `right` turns: the smallest number found for which it holds,
 * when no number lies between.
 */
export function bisect(left: number, right: number, isTrue: (value: number) => boolean): number {
  for (;;) {
    const middle = (left + right) / 2;
    if (middle <= left || middle >= right) return right;
    if (isTrue(middle)) right = middle;
    else left = middle;
  }
}

/** P(Z <= z) of the standard normal distribution. */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) throw internal('the normal distribution function of NaN');
  if (Math.abs(z) > 38) return z < 0 ? 0 : 1;
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (Math.abs(z) < 3) return 0.5 + density * normalSeries(z);
  const tail = density / normalFraction(Math.abs(z));
  return z < 0 ? tail : 1 - tail;
}

/** z + z^3 / 3 + z^5 / (3 * 5) + ... (Abramowitz and Stegun 26.2.11). */
function normalSeries(z: number): number {
  let [sum, term] = [z, z];
  for (let k = 3; Math.abs(term) > PRECISION * Math.abs(sum) && k < 400; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return sum;
}

/** z + 1 / (z + 2 / (z + 3 / ...)), the inverse of Mills' ratio (Abramowitz and Stegun 26.2.14), for z >= 3. */
function normalFraction(z: number): number {
  let value = z;
  for (let k = 200; k >= 1; k--) value = z + k / value;
  return value;
}
