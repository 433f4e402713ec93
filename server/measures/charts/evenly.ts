/** At most `count` of `items`, evenly spaced, the first and the last among them. */
export function evenly<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  const picked = Array.from({ length: count }, (_, i) => Math.round((i * (items.length - 1)) / (count - 1)));
  return picked.flatMap((index) => items.slice(index, index + 1));
}
