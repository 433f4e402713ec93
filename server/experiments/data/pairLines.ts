/** Pairs as a run keeps them, a line each. */
import { z } from 'zod';
import type { Pair } from '../ports/modelPort.ts';

const pair = z.object({ prompt: z.string(), completion: z.string() });
const armPair = pair.extend({ arm: z.string() });
/** A pair of a later round, which is one arm's. */
export type ArmPair = Readonly<z.output<typeof armPair>>;

export function isPair(value: unknown): value is Pair {
  return pair.safeParse(value).success;
}

export function isArmPair(value: unknown): value is ArmPair {
  return armPair.safeParse(value).success;
}
