import { MASKED } from '../batch/packing.ts';
import type { AnyTensor, HostTensor } from '../onnx/runtime.ts';
import type { Outputs } from '../programs/program.ts';

/** Sizes of the keys and values of a model's sequences. */
export interface CacheShape {
  readonly layers: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** Positions that a row can hold. */
  readonly capacity: number;
  /** How many positions a new row sees in layers that attend within a window, its own included. */
  readonly window?: number | undefined;
}

/** Names of the keys and values of every layer, as programs give them. */
export const keyValueNames = (layers: number): readonly string[] =>
  Array.from({ length: layers }, (_, layer) => [`k.${layer}`, `v.${layer}`]).flat();

/** The masks of a decode program (models/attention.ts) over rows of which so many positions are filled. */
export function pastMasks(
  lengths: readonly number[],
  { capacity, window }: Pick<CacheShape, 'capacity' | 'window'>,
): (readonly [string, HostTensor])[] {
  const mask = (seen: number): HostTensor => {
    const data = new Float32Array(lengths.length * capacity).fill(MASKED);
    lengths.forEach((length, row) =>
      data.fill(0, row * capacity + Math.max(0, length - seen), row * capacity + length),
    );
    return { data, dims: [lengths.length, 1, 1, capacity] };
  };
  const whole = ['past_mask', mask(Infinity)] as const;
  return window === undefined ? [whole] : [whole, ['past_window_mask', mask(window - 1)]];
}

/** The keys and values of a batch of growing sequences, wherever they are kept. */
export interface DecodeCache {
  /** Positions of a row that are filled. */
  length(row: number): number;
  /** What a decode program is fed for it (models/attention.ts). */
  feeds(): (readonly [string, AnyTensor])[];
  /** Appends to every row the one key and value that a decode program gave for it. */
  grow(outputs: Outputs): Promise<void>;
  /** The cache of some of the rows, in the order given, in place of this one; a row may be taken several times. */
  take(rows: readonly number[]): Promise<DecodeCache>;
  dispose(): void;
}
