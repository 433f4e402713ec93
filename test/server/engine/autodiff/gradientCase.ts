import type { Emit } from '../../../../server/engine/ops/emit.ts';
import type { Value } from '../../../../server/engine/ops/value.ts';
import type { Dim } from '../../../../server/engine/ops/value.ts';
import { normal, type Random } from '../../../../server/random/random.ts';

/** One random element; kinks and poles are kept away from by the choice of sampler. */
export type Sampler = (random: Random) => number;

const grid = (x: number): number => Math.round(x * 64) / 64;

const anywhere: Sampler = (random) => grid(normal(random));
export const farOut: Sampler = (random) => grid(4 * normal(random));
export const positive: Sampler = (random) => grid(0.5 + 1.5 * random.uniform());
/** Magnitudes of 0.5 to 2, either sign. */
export const offZero: Sampler = (random) => (random.next() & 1 ? 1 : -1) * grid(0.5 + 1.5 * random.uniform());

/** A differentiable input: its sizes, those that the program sees as symbols, and how it is drawn. */
export interface GradientInput {
  readonly sizes: readonly number[];
  readonly shape: readonly Dim[];
  readonly sampler: Sampler;
}

export interface GradientCase {
  /** Name of the case in test/oracles/ops.py and ops.json. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, GradientInput>>;
  readonly build: (e: Emit, inputs: Readonly<Record<string, Value>>) => Value;
  /** Largest deviation over largest gradient; 1e-4 unless a reason is given. */
  readonly tolerance?: { readonly finiteDifferences: number; readonly reason: string };
}

/** An input of fixed sizes, or `symbols` for the sizes that are known at the run only: `{ 0: 'T' }`. */
export function tensor(
  sizes: readonly number[],
  sampler: Sampler = anywhere,
  symbols: Readonly<Record<number, string>> = {},
): GradientInput {
  return { sizes, sampler, shape: sizes.map((size, axis) => symbols[axis] ?? size) };
}

export const int64 = (e: Emit, data: readonly number[], ...shape: readonly number[]): Value =>
  e.graph.constant('int64', shape, data);

export const float32 = (e: Emit, data: readonly number[], ...shape: readonly number[]): Value =>
  e.graph.constant('float32', shape, data);
