import { internal } from '../../protocol/errors.ts';
import { MASKED } from '../batch/packing.ts';
import type { HostTensor } from '../onnx/runtime.ts';

/** A sequence to be read by one of a group's arms. */
export interface ArmSequence {
  /** Index into the group's arms. */
  readonly arm: number;
  readonly ids: readonly number[];
}

/** Sequences of which what they begin with in common is computed once. */
export interface SharedBatch {
  /** The inputs of a program with SharedAttention, by name. */
  readonly feeds: ReadonlyMap<string, HostTensor>;
  /** The packed row of every position of every sequence. */
  readonly rowsOf: readonly (readonly number[])[];
  /** The arm of every packed row. */
  readonly armOfRow: readonly number[];
}

/** Rows that one sequence brings, in its order, and the rows that the last of them attends to, itself the last. */
interface Branch {
  readonly first: number;
  readonly count: number;
  readonly path: readonly number[];
}

/**
 * Lays sequences end to end without padding, and what begins like an earlier sequence of the same arm only once: a
 * position depends on the tokens before it alone, so that prompts from one template, or behind one system prompt, share
 * the rows of what they have in common, and equal prompts share all. For SharedAttention (sharedAttention.ts).
 */
export function packShared(
  sequences: readonly ArmSequence[],
  { heads, keyValueHeads }: { readonly heads: number; readonly keyValueHeads: number },
): SharedBatch {
  if (sequences.length === 0 || sequences.some(({ ids }) => ids.length === 0))
    throw internal('An empty sequence cannot be packed.');
  const [tokens, positions, armOfRow]: [number[], number[], number[]] = [[], [], []];
  const followers = new Map<string, number>();
  const branches: Branch[] = [];
  const rowsOf = sequences.map(({ arm, ids }) => {
    const first = tokens.length;
    const path: number[] = [];
    ids.forEach((token, position) => {
      const place = `${path.at(-1) ?? `arm ${arm}`} ${token}`;
      const row = followers.get(place) ?? tokens.length;
      if (row === tokens.length) {
        followers.set(place, row);
        tokens.push(token);
        positions.push(position);
        armOfRow.push(arm);
      }
      path.push(row);
    });
    if (tokens.length > first) branches.push({ first, count: tokens.length - first, path });
    return path;
  });
  const feeds = new Map<string, HostTensor>([
    ['tokens', integers(tokens, [tokens.length])],
    ['positions', integers(positions, [tokens.length])],
    ['token_types', integers(new Array<number>(tokens.length).fill(0), [tokens.length])],
    ...attentionFeeds(branches, tokens.length, keyValueHeads, heads / keyValueHeads),
  ]);
  return { feeds, rowsOf, armOfRow };
}

const integers = (values: readonly number[], dims: readonly number[]): HostTensor => {
  return { data: BigInt64Array.from(values, BigInt), dims };
};

function attentionFeeds(
  branches: readonly Branch[],
  rows: number,
  heads: number,
  group: number,
): (readonly [string, HostTensor])[] {
  const queries = Math.max(...branches.map(({ count }) => count));
  const keys = Math.max(...branches.map(({ path }) => path.length));
  const toQueries = new BigInt64Array(branches.length * heads * queries);
  const toKeys = new BigInt64Array(branches.length * heads * keys);
  const toPacked = new BigInt64Array(rows * heads);
  const mask = new Float32Array(branches.length * queries * group * keys);
  branches.forEach(({ first, count, path }, b) => {
    for (let h = 0; h < heads; h++) {
      const at = b * heads + h;
      path.forEach((row, k) => (toKeys[at * keys + k] = BigInt(row * heads + h)));
      for (let q = 0; q < count; q++) {
        toQueries[at * queries + q] = BigInt((first + q) * heads + h);
        toPacked[(first + q) * heads + h] = BigInt(at * queries + q);
      }
    }
    for (let q = 0; q < count; q++) hideLater(mask, (b * queries + q) * group, group, keys, path.length - count + q);
  });
  return [
    ['to_queries', { data: toQueries, dims: [branches.length, heads, queries] }],
    ['to_keys', { data: toKeys, dims: [branches.length, heads, keys] }],
    ['to_packed', { data: toPacked, dims: [rows, heads] }],
    ['mask', { data: mask, dims: [branches.length, 1, queries * group, keys] }],
  ];
}

/** Hides the keys behind `last` from the `group` query heads of one position. */
function hideLater(mask: Float32Array, row: number, group: number, keys: number, last: number): void {
  for (let g = 0; g < group; g++) mask.fill(MASKED, (row + g) * keys + last + 1, (row + g + 1) * keys);
}
