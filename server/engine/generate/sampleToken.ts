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
export function sampleToken(logits: Float32Array, { temperature, topK, topP }: Sampling, random: Random): number {
  if (temperature === 0) return bestToken(logits);
  const top = logits[bestToken(logits)] ?? 0;
  const weights = Float64Array.from(logits, (x) => Math.exp((x - top) / temperature));
  if (topK === 0 && topP >= 1) return draw(weights, undefined, sum(weights), random);
  let order = Array.from(weights.keys()).sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  if (topK > 0) order = order.slice(0, topK);
  const total = order.reduce((mass, i) => mass + (weights[i] ?? 0), 0);
  const { kept, mass } = nucleus(order, weights, topP * total);
  return draw(weights, kept, mass, random);
}

function nucleus(order: readonly number[], weights: Float64Array, enough: number): { kept: number[]; mass: number } {
  const kept: number[] = [];
  let mass = 0;
  for (const i of order) {
    kept.push(i);
    mass += weights[i] ?? 0;
    if (mass >= enough) break;
  }
  return { kept, mass };
}

/** Picks an index with probability proportional to its weight; `among` gives the indices to pick from. */
function draw(weights: Float64Array, among: readonly number[] | undefined, mass: number, random: Random): number {
  const count = among?.length ?? weights.length;
  let left = random.uniform() * mass;
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

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
