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

/** The finaliser of MurmurHash3: every bit of the result depends on every bit of the word. */
function scramble(word: number): number {
  const z = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  const y = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return y ^ (y >>> 16);
}

const GOLDEN = 0x9e3779b9;

/**
 * A generator from an integer seed, whose words come from SplitMix32 as the generator's authors recommend. A path names
 * one of many streams of a seed (a prompt and a sample, a step and a layer): each part is hashed into all four words of
 * the state, so that neither two paths nor two seeds share a stream.
 */
export function createRandom(seed: number, ...path: readonly number[]): Random {
  const lanes = [1, 2, 3, 4] as const;
  let words = lanes.map((lane) => scramble((seed + lane * GOLDEN) | 0));
  for (const part of path) {
    words = words.map((word, i) =>
      scramble((Math.imul(word, 5) + (words[(i + 1) % 4] ?? 0)) ^ scramble(part + (i + 1) * GOLDEN)),
    );
  }
  const [a = 0, b = 0, c = 0, d = 0] = words;
  return xoshiro128([a, b, c, d]);
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
