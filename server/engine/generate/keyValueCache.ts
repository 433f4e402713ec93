import type { Outputs } from '../programs/program.ts';
import type { HostTensor } from '../onnx/runtime.ts';
import { pastMasks, type CacheShape, type DecodeCache } from './decodeCache.ts';

/** Keys and values in main memory: per layer [rows, kvHeads, capacity, headSize]. */
export class KeyValueCache implements DecodeCache {
  private readonly shape: CacheShape;
  private readonly lengths: number[];
  private readonly keys: Float32Array[];
  private readonly values: Float32Array[];

  constructor(shape: CacheShape, rows: number) {
    this.shape = shape;
    this.lengths = new Array<number>(rows).fill(0);
    const room = (): Float32Array => new Float32Array(rows * this.rowSize);
    this.keys = Array.from({ length: shape.layers }, room);
    this.values = Array.from({ length: shape.layers }, room);
  }

  private get rowSize(): number {
    return this.shape.keyValueHeads * this.shape.capacity * this.shape.headSize;
  }

  length(row: number): number {
    return this.lengths[row] ?? 0;
  }

  /** Appends, to a cache row, those rows of the keys and values that a program gave. */
  append(row: number, outputs: Outputs, packed: readonly number[]): void {
    const at = this.length(row);
    for (let layer = 0; layer < this.shape.layers; layer++) {
      this.copy(this.keys[layer], row, at, outputs.floats(`k.${layer}`), packed);
      this.copy(this.values[layer], row, at, outputs.floats(`v.${layer}`), packed);
    }
    this.lengths[row] = at + packed.length;
  }

  grow(outputs: Outputs): Promise<void> {
    this.lengths.forEach((_, row) => this.append(row, outputs, [row]));
    return Promise.resolve();
  }

  private copy(
    to: Float32Array | undefined,
    row: number,
    at: number,
    from: Float32Array,
    packed: readonly number[],
  ): void {
    const { keyValueHeads, headSize, capacity } = this.shape;
    packed.forEach((source, t) => {
      for (let h = 0; h < keyValueHeads; h++) {
        const start = (source * keyValueHeads + h) * headSize;
        to?.set(from.subarray(start, start + headSize), row * this.rowSize + (h * capacity + at + t) * headSize);
      }
    });
  }

  /** The inputs of a decode program: every layer's cache, and the mask of the positions that are filled. */
  feeds(): (readonly [string, HostTensor])[] {
    const { keyValueHeads, capacity, headSize } = this.shape;
    const rows = this.lengths.length;
    const dims = [rows, keyValueHeads, capacity, headSize];
    return [
      ...pastMasks(this.lengths, this.shape),
      ...this.keys.map((data, layer) => [`past_k.${layer}`, { data, dims }] as const),
      ...this.values.map((data, layer) => [`past_v.${layer}`, { data, dims }] as const),
    ];
  }

  take(rows: readonly number[]): Promise<KeyValueCache> {
    const taken = new KeyValueCache(this.shape, rows.length);
    rows.forEach((from, to) => {
      taken.lengths[to] = this.length(from);
      for (const side of ['keys', 'values'] as const) {
        this[side].forEach((data, layer) => {
          taken[side][layer]?.set(data.subarray(from * this.rowSize, (from + 1) * this.rowSize), to * this.rowSize);
        });
      }
    });
    return Promise.resolve(taken);
  }

  dispose(): void {
    this.keys.length = 0;
    this.values.length = 0;
  }
}
