/** A seeded source of random numbers; the same seed gives the same numbers on every machine. */
export interface Random {
  /** Uniform 32-bit unsigned integer. */
  next(): number;
  /** Uniform integer in 0 .. bound - 1. Its bias is at most bound / 2^32. */
  below(bound: number): number;
  /** Uniform in [0, 1), a multiple of 2^-32. */
  uniform(): number;
}

/**
 * xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021).
 * `state` is four 32-bit words, not all zero.
 */
export function xoshiro128(state: readonly [number, number, number, number]): Random {
  let [a, b, c, d] = state;
  const next = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const uniform = (): number => next() / 4294967296;
  return { next, uniform, below: (bound) => Math.floor(uniform() * bound) };
}

/** A generator from one integer seed, whose words come from SplitMix32 as the generator's authors recommend. */
export function createRandom(seed: number): Random {
  let counter = seed | 0;
  const word = (): number => {
    counter = (counter + 0x9e3779b9) | 0;
    let z = counter;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
  return xoshiro128([word(), word(), word(), word()]);
}

/** Standard normal, by Box and Muller; two uniforms a number. */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
  return radius * Math.cos(2 * Math.PI * random.uniform());
}

/** 0 .. count - 1 in a random order (Fisher and Yates). */
export function permutation(random: Random, count: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const swapped = order[i] ?? i;
    order[i] = order[j] ?? j;
    order[j] = swapped;
  }
  return order;
}

/** A seed for one of many streams that must not repeat one another, from the run's seed and what the stream is for. */
export function deriveSeed(seed: number, ...path: readonly number[]): number {
  return path.reduce((state, part) => {
    let z = Math.imul(state ^ (part + 0x9e3779b9), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  }, seed | 0);
}
