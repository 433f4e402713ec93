import { internal } from '../../protocol/errors.ts';
import type { ModelConfig } from '../models/modelConfig.ts';
import type { HostTensor } from '../onnx/runtime.ts';

/** Added to a score that must not count: exp of it is 0 in float32. */
export const MASKED = -1e9;

export interface PackedBatch {
  /** The inputs of a program with PackedAttention, by name. */
  readonly feeds: ReadonlyMap<string, HostTensor>;
  /** Of each sequence, the row of each of its tokens. */
  readonly rowsOf: readonly (readonly number[])[];
  /** Of each row, the sequence that brought it: of those that share it, the first. */
  readonly sequenceOf: readonly number[];
  /** First row of each sequence; its rows follow one another unless prefixes are shared. */
  readonly starts: readonly number[];
  /** T, the number of rows: of tokens, those of shared prefixes counted once. */
  readonly rows: number;
}

export interface PackingOptions {
  /** Whether tokens see those after them; otherwise those before them alone. */
  readonly bidirectional?: boolean;
  /** How many positions, its own included, a token sees under `window_mask` (ModelConfig); all of them unless given. */
  readonly window?: number | undefined;
  /** Of each sequence, which of its parts each token belongs to; all 0 unless given. */
  readonly tokenTypes?: readonly (readonly number[])[] | undefined;
  /**
   * Whether sequences that begin alike have the rows of their common tokens in common, which are then computed once: all
   * of them, or those with the same number in a list (their arm). A token's state depends on those before it alone, so
   * that nothing else changes. Not for bidirectional attention.
   */
  readonly sharesPrefixes?: boolean | readonly number[];
}

type Heads = Pick<ModelConfig, 'heads' | 'keyValueHeads' | 'bidirectional' | 'window'>;

/** Packs sequences as a model attends to them. */
export function packFor(
  { heads, keyValueHeads, bidirectional = false, window }: Heads,
  sequences: readonly (readonly number[])[],
  options: Pick<PackingOptions, 'sharesPrefixes'> = {},
): PackedBatch {
  return packSequences(sequences, keyValueHeads, heads / keyValueHeads, { bidirectional, window, ...options });
}

/**
 * Lays sequences end to end, without padding, for PackedAttention (models/attention.ts), whose padded view of them is
 * described by the indices and the mask made here. A padding row attends to padding alone, so that neither the result nor
 * a gradient of a real row depends on it; it repeats a row of its own sequence, so that no sequence ever meets another's.
 */
export function packSequences(
  sequences: readonly (readonly number[])[],
  keyValueHeads: number,
  group: number,
  { bidirectional = false, window, tokenTypes, sharesPrefixes = false }: PackingOptions = {},
): PackedBatch {
  if (sequences.length === 0 || sequences.some(({ length }) => length === 0))
    throw internal('An empty sequence cannot be packed.');
  if (sharesPrefixes !== false && bidirectional) throw internal('Tokens that see those after them cannot be shared.');
  const { rowsOf, branches, places } = layOut(sequences, sharesPrefixes);
  const perRow = (value: (place: Place) => number): HostTensor => indices(places.map(value), places.length);
  const feeds = new Map<string, HostTensor>([
    ['tokens', perRow(({ sequence, position }) => sequences[sequence]?.[position] ?? 0)],
    ['positions', perRow(({ position }) => position)],
    ['token_types', perRow(({ sequence, position }) => tokenTypes?.[sequence]?.[position] ?? 0)],
    ...attentionFeeds(branches, places.length, { kv: keyValueHeads, group, bidirectional, window }),
  ]);
  const [sequenceOf, starts] = [places.map(({ sequence }) => sequence), rowsOf.map(([first = 0]) => first)];
  return { feeds, rowsOf, sequenceOf, starts, rows: places.length };
}

/** Where a row was brought. */
interface Place {
  readonly sequence: number;
  readonly position: number;
}

/** Rows that one sequence brings, in its order, and all the rows from its first token to the last that it brings. */
interface Branch {
  readonly first: number;
  readonly count: number;
  readonly path: readonly number[];
}

interface Layout {
  readonly rowsOf: readonly (readonly number[])[];
  readonly branches: readonly Branch[];
  /** Of each row. */
  readonly places: readonly Place[];
}

/** A shared row is found by the row before it and its token: the rows are the nodes of a prefix tree. */
function layOut(sequences: readonly (readonly number[])[], shares: boolean | readonly number[]): Layout {
  const places: Place[] = [];
  const branches: Branch[] = [];
  const known = new Map<string, number>();
  const rowsOf = sequences.map((ids, sequence) => {
    const root = shares === false ? sequence : shares === true ? 0 : (shares[sequence] ?? 0);
    const first = places.length;
    const path: number[] = [];
    ids.forEach((token, position) => {
      const key = `${path.at(-1) ?? `root ${root}`} ${token}`;
      const row = known.get(key) ?? places.length;
      if (row === places.length) places.push({ sequence, position });
      known.set(key, row);
      path.push(row);
    });
    const count = places.length - first;
    if (count > 0) branches.push({ first, count, path });
    return path;
  });
  return { rowsOf, branches, places };
}

interface AttentionSizes {
  readonly kv: number;
  readonly group: number;
  readonly bidirectional: boolean;
  readonly window: number | undefined;
}

function attentionFeeds(
  branches: readonly Branch[],
  rows: number,
  sizes: AttentionSizes,
): (readonly [string, HostTensor])[] {
  const { kv, window } = sizes;
  const queries = Math.max(...branches.map(({ count }) => count));
  // Padding queries attend to a padding key, so there has to be one.
  const keys = Math.max(...branches.map(({ count, path }) => path.length + (count < queries ? 1 : 0)));
  const index = (...dims: readonly number[]) => ({ data: new BigInt64Array(dims.reduce((a, b) => a * b, 1)), dims });
  const [queryRows, keyRows] = [index(branches.length, kv, queries), index(branches.length, kv, keys)];
  const [queryPlaces, keyPlaces] = [index(rows, kv), index(rows, kv)];
  const [furtherPlaces, furtherRows]: [number[], number[]] = [[], []];
  branches.forEach(({ first, count, path }, b) => {
    const before = path.length - count;
    for (let h = 0; h < kv; h++) {
      const at = b * kv + h;
      // Padding is of the branch's own rows: a masked score still makes NaN of its row where the key is not finite.
      keyRows.data.fill(BigInt((path[0] ?? 0) * kv + h), at * keys, (at + 1) * keys);
      queryRows.data.fill(BigInt(first * kv + h), at * queries, (at + 1) * queries);
      path.forEach((row, k) => {
        const [source, place] = [row * kv + h, at * keys + k];
        keyRows.data[place] = BigInt(source);
        if (k >= before) {
          keyPlaces.data[source] = BigInt(place);
          return;
        }
        furtherPlaces.push(place);
        furtherRows.push(source);
      });
      for (let q = 0; q < count; q++) {
        const [source, place] = [(first + q) * kv + h, at * queries + q];
        queryRows.data[place] = BigInt(source);
        queryPlaces.data[source] = BigInt(place);
      }
    }
  });
  const mask = maskOf(branches, queries, keys, { ...sizes, window: undefined });
  const reachesBeyond = window !== undefined && branches.some(({ path }) => path.length > window);
  return [
    ['query_rows', queryRows],
    ['query_places', queryPlaces],
    ['key_rows', keyRows],
    ['key_places', keyPlaces],
    ['mask', mask],
    // Within texts that are no longer than the window, all positions are seen.
    ['window_mask', reachesBeyond ? maskOf(branches, queries, keys, sizes) : mask],
    ['further_places', indices(furtherPlaces, furtherPlaces.length)],
    ['further_rows', indices(furtherRows, furtherRows.length, 1)],
  ];
}

/** Which keys each query sees, [B, 1, queries x group, keys]: those before it and its own, or those of its whole sequence. */
function maskOf(
  branches: readonly Branch[],
  queries: number,
  keys: number,
  { group, bidirectional, window = Infinity }: AttentionSizes,
): HostTensor {
  const mask = new Float32Array(branches.length * queries * group * keys).fill(MASKED);
  branches.forEach(({ count, path }, b) => {
    for (let q = 0; q < queries; q++) {
      const position = path.length - count + q;
      const last = bidirectional ? Math.min(path.length, position + window) - 1 : position;
      const own = [Math.max(0, position - window + 1), last];
      const seen = q < count ? own : [path.length, keys - 1];
      allow(mask, (b * queries + q) * group * keys, group, keys, seen);
    }
  });
  return { data: mask, dims: [branches.length, 1, queries * group, keys] };
}

const indices = (values: readonly number[], ...dims: readonly number[]): HostTensor => ({
  data: BigInt64Array.from(values, BigInt),
  dims,
});

/** Lets the `group` query heads of one position attend to the keys from the first seen to the last. */
function allow(
  mask: Float32Array,
  row: number,
  group: number,
  keys: number,
  [first = 0, last = 0]: readonly number[],
): void {
  for (let g = 0; g < group; g++) mask.fill(0, row + g * keys + first, row + g * keys + last + 1);
}
