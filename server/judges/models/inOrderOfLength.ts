import type { Verdict } from '../judge/judge.ts';

/**
 * Has items judged in the order of their lengths, so that those of a batch are of like length and are hardly padded;
 * the verdicts go back to where the items stood.
 */
export async function inOrderOfLength<Item>(
  items: readonly Item[],
  lengthOf: (item: Item) => number,
  judge: (sorted: readonly Item[]) => Promise<readonly Verdict[]>,
): Promise<readonly Verdict[]> {
  const order = items.map((item, at) => ({ item, at, length: lengthOf(item) })).sort((a, b) => a.length - b.length);
  const given = await judge(order.map(({ item }) => item));
  const verdicts: Verdict[] = [];
  order.forEach(({ at }, i) => (verdicts[at] = given[i] ?? { kind: 'unjudged', reason: 'the judge gave no verdict' }));
  return verdicts;
}
