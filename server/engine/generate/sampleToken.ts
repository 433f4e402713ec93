import type { Random } from '../../random/random.ts';

export interface Sampling {
  /** 0 decodes greedily. */
  readonly temperature: number;
  /** 0 keeps every token. */
  readonly topK: number;
  /** 1 keeps every token. */
  readonly topP: number;
}

/** Index of the largest logit; the first of equal ones. */
export function bestToken(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if ((logits[i] ?? 0) > (logits[best] ?? 0)) best = i;
  return best;
}

/**
 * Draws a token from softmax(logits / temperature), cut to the topK likeliest and then to the fewest of them whose
 * probabilities reach topP (nucleus sampling, arXiv 1904.09751).
 */
export function sampleToken(logits: Float32Array, sampling: Sampling, random: Random): number {
  if (sampling.temperature === 0) return bestToken(logits);
  const weights = softmaxWeights(logits, sampling.temperature);
  const cut = sampling.topK > 0 || sampling.topP < 1;
  return draw(weights, cut ? keptTokens(weights, sampling) : undefined, random);
}

/** Proportional to the probabilities; the largest is 1. */
function softmaxWeights(logits: Float32Array, temperature: number): Float64Array {
  const top = logits[bestToken(logits)] ?? 0;
  const weights = new Float64Array(logits.length);
  for (let i = 0; i < weights.length; i++) weights[i] = Math.exp(((logits[i] ?? 0) - top) / temperature);
  return weights;
}

/** The tokens that topK and topP leave, likeliest first, the first of equal ones before the others. */
function keptTokens(weights: Float64Array, { topK, topP }: Sampling): readonly number[] {
  const floor = topK > 0 && topK < weights.length ? kthLargest(weights, topK) : negligible(weights, topP);
  const order: number[] = [];
  for (let i = 0; i < weights.length; i++) if ((weights[i] ?? 0) >= floor) order.push(i);
  order.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  if (topK > 0) {
    const likeliest = order.slice(0, topK);
    return nucleus(likeliest, weights, topP * massOf(likeliest, weights));
  }
  return nucleus(order, weights, topP * sum(weights));
}

/**
 * A weight below which no token can belong to the nucleus: all tokens below (1 - topP) / vocabulary of the mass together
 * have less than 1 - topP of it, so those above reach topP without them. Spares sorting the vocabulary.
 */
function negligible(weights: Float64Array, topP: number): number {
  return ((1 - topP) * sum(weights)) / weights.length;
}

function kthLargest(weights: Float64Array, k: number): number {
  return Float64Array.from(weights).sort()[weights.length - k] ?? 0;
}

/** The shortest head of `order` whose mass reaches `enough`. */
function nucleus(order: readonly number[], weights: Float64Array, enough: number): readonly number[] {
  let mass = 0;
  const last = order.findIndex((i) => (mass += weights[i] ?? 0) >= enough);
  return last < 0 ? order : order.slice(0, last + 1);
}

/** Picks a token with probability proportional to its weight; `among` gives the tokens to pick from. */
function draw(weights: Float64Array, among: readonly number[] | undefined, random: Random): number {
  const count = among?.length ?? weights.length;
  let left = random.uniform() * (among ? massOf(among, weights) : sum(weights));
  let last = 0;
  for (let k = 0; k < count; k++) {
    const i = among ? (among[k] ?? 0) : k;
    const weight = weights[i] ?? 0;
    if (weight > 0) last = i;
    left -= weight;
    if (left < 0) return i;
  }
  return last; // Rounding left a sliver of mass unassigned.
}

function massOf(tokens: readonly number[], weights: Float64Array): number {
  return tokens.reduce((mass, i) => mass + (weights[i] ?? 0), 0);
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
