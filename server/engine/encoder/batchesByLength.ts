/** Sequences computed together at the most. */
const LARGEST_BATCH = 64;
/** Cells of the padded attention scores of one head together at the most; they bound the memory. */
const LARGEST_SCORES = 2 ** 20;

/** Indices of sequences in batches of like length, the longest first, so that memory is short at once or not at all. */
export function batchesByLength(lengths: readonly number[]): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b);
  const batches: number[][] = [];
  for (let at = 0; at < order.length;) {
    const longest = lengths[order[at] ?? 0] ?? 0;
    const size = Math.max(1, Math.min(LARGEST_BATCH, Math.floor(LARGEST_SCORES / Math.max(1, longest * longest))));
    batches.push(order.slice(at, at + size));
    at += size;
  }
  return batches;
}
