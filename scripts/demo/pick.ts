import { internal } from '../../server/protocol/errors.ts';
import { permutation, type Random } from '../../server/random/random.ts';

/** One element, each as likely as the next. Throws RankscopeError('internal') on an empty list. */
export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[random.below(items.length)];
  if (item === undefined) throw internal('One element was asked of an empty list.');
  return item;
}

/** Two different elements. Throws RankscopeError('internal') when there are fewer. */
export function pickTwo<T>(random: Random, items: readonly T[]): [T, T] {
  const first = random.below(items.length);
  const others = items.filter((_, i) => i !== first);
  return [pick(random, items.slice(first, first + 1)), pick(random, others)];
}

/** A copy in random order. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  return permutation(random, items.length).map((i) => items[i] as T);
}

/** True with the given probability. */
export function chance(random: Random, probability: number): boolean {
  return random.uniform() < probability;
}
