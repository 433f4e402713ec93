/** How much of the campaign is run: 1 is its quick part, and a nightly run sets a larger number. */
export const scale = Math.max(1, Number(process.env.RANKSCOPE_FAULTS ?? 1));

/** Numbers from 0 up to 1, the same for the same seed. */
export function createDice(seed: number): { next(): number; below(count: number): number } {
  let state = (seed * 2654435761) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
  return { next, below: (count) => Math.floor(next() * count) };
}
