/** Pairs as a run keeps them, a line each. */
import type { Pair } from '../ports/modelPort.ts';

/** A pair of a later round, which is one arm's. */
export interface ArmPair extends Pair {
  readonly arm: string;
}

export function isPair(value: unknown): value is Pair {
  if (typeof value !== 'object' || value === null || !('prompt' in value) || !('completion' in value)) return false;
  return typeof value.prompt === 'string' && typeof value.completion === 'string';
}

export function isArmPair(value: unknown): value is ArmPair {
  return isPair(value) && 'arm' in value && typeof value.arm === 'string';
}
