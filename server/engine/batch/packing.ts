import { internal } from '../../protocol/errors.ts';
import type { ModelConfig } from '../models/modelConfig.ts';
import type { HostTensor } from '../onnx/runtime.ts';

/** Added to a score that must not count: exp of it is 0 in float32. */
export const MASKED = -1e9;

export interface PackedBatch {
  /** The inputs of a program with PackedAttention, by name. */
  readonly feeds: ReadonlyMap<string, HostTensor>;
  /** First row of each sequence; its rows follow one another. */
  readonly starts: readonly number[];
  /** T, the number of tokens. */
  readonly rows: number;
}

export interface PackingOptions {
  /** Whether tokens see those after them; otherwise those before them alone. */
  readonly bidirectional?: boolean;
  /** Of each sequence, which of its parts each token belongs to; all 0 unless given. */
  readonly tokenTypes?: readonly (readonly number[])[] | undefined;
}

/** Packs sequences as a model attends to them. */
export function packFor(
  { heads, keyValueHeads, bidirectional = false }: Pick<ModelConfig, 'heads' | 'keyValueHeads' | 'bidirectional'>,
  sequences: readonly (readonly number[])[],
): PackedBatch {
  return packSequences(sequences, keyValueHeads, heads / keyValueHeads, { bidirectional });
}

/**
 * Lays sequences end to end, without padding, for PackedAttention (models/attention.ts), whose padded view of them is
 * described by the two indices and the mask made here. A padding row attends to padding alone, so that neither the
 * result nor a gradient of a real row depends on it.
 */
export function packSequences(
  sequences: readonly (readonly number[])[],
  keyValueHeads: number,
  group: number,
  { bidirectional = false, tokenTypes }: PackingOptions = {},
): PackedBatch {
  const lengths = sequences.map((s) => s.length);
  const rows = lengths.reduce((a, b) => a + b, 0);
  if (lengths.length === 0 || lengths.includes(0)) throw internal('An empty sequence cannot be packed.');
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((a, b) => a + b, 0));
  const feeds = new Map<string, HostTensor>([
    ['tokens', { data: BigInt64Array.from(sequences.flat(), BigInt), dims: [rows] }],
    [
      'positions',
      {
        data: BigInt64Array.from(
          lengths.flatMap((n) => [...Array(n).keys()]),
          BigInt,
        ),
        dims: [rows],
      },
    ],
    ['token_types', { data: typesOf(sequences, tokenTypes), dims: [rows] }],
    ...attentionFeeds(lengths, starts, rows, { keyValueHeads, group, bidirectional }),
  ]);
  return { feeds, starts, rows };
}

function typesOf(sequences: readonly (readonly number[])[], types: PackingOptions['tokenTypes']): BigInt64Array {
  return types
    ? BigInt64Array.from(types.flat(), BigInt)
    : new BigInt64Array(sequences.reduce((sum, { length }) => sum + length, 0));
}

function attentionFeeds(
  lengths: readonly number[],
  starts: readonly number[],
  rows: number,
  {
    keyValueHeads: kv,
    group,
    bidirectional,
  }: { readonly keyValueHeads: number; readonly group: number; readonly bidirectional: boolean },
): (readonly [string, HostTensor])[] {
  const longest = Math.max(...lengths);
  const count = lengths.length;
  const toPadded = new BigInt64Array(count * kv * longest);
  const toPacked = new BigInt64Array(rows * kv);
  const mask = new Float32Array(count * longest * group * longest).fill(MASKED);
  lengths.forEach((length, b) => {
    const start = starts[b] ?? 0;
    for (let l = 0; l < longest; l++) {
      const last = bidirectional && l < length ? length - 1 : l;
      allow(mask, (b * longest + l) * group * longest, group, longest, l < length ? 0 : length, last);
      if (l >= length) continue;
      for (let h = 0; h < kv; h++) {
        const packed = (start + l) * kv + h;
        const padded = (b * kv + h) * longest + l;
        toPadded[padded] = BigInt(packed);
        toPacked[packed] = BigInt(padded);
      }
    }
  });
  return [
    ['to_padded', { data: toPadded, dims: [count, kv, longest] }],
    ['to_packed', { data: toPacked, dims: [rows, kv] }],
    ['mask', { data: mask, dims: [count, 1, longest * group, longest] }],
  ];
}

/** Lets the `group` query heads of one position attend to the keys from `first` to `last`. */
function allow(mask: Float32Array, row: number, group: number, longest: number, first: number, last: number): void {
  for (let g = 0; g < group; g++) mask.fill(0, row + g * longest + first, row + g * longest + last + 1);
}
