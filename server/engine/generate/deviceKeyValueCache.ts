import type { DeviceTensor } from '../onnx/deviceTensor.ts';
import type { Outputs } from '../programs/program.ts';
import type { AnyTensor } from '../onnx/runtime.ts';
import { keyValueNames, pastMasks, type CacheShape, type DecodeCache } from './decodeCache.ts';
import type { DeviceCachePrograms } from './deviceCachePrograms.ts';

/**
 * Keys and values that stay on the device: per layer [rows, kvHeads, capacity, headSize]. Places that are not filled
 * hold some key of the same row, which the mask hides.
 */
export class DeviceKeyValueCache implements DecodeCache {
  private readonly shape: CacheShape;
  private readonly programs: DeviceCachePrograms;
  private readonly lengths: number[];
  /** By input name: `past_k.0`, ... */
  private tensors: ReadonlyMap<string, DeviceTensor>;

  private constructor(
    shape: CacheShape,
    programs: DeviceCachePrograms,
    lengths: readonly number[],
    tensors: ReadonlyMap<string, DeviceTensor>,
  ) {
    this.shape = shape;
    this.programs = programs;
    this.lengths = [...lengths];
    this.tensors = tensors;
  }

  /**
   * The cache of sequences, each given by its packed rows, whose keys and values a prefill program left on the device; it
   * frees those.
   */
  static async of(
    shape: CacheShape,
    programs: DeviceCachePrograms,
    outputs: Outputs,
    rowsOf: readonly (readonly number[])[],
  ): Promise<DeviceKeyValueCache> {
    const { keyValueHeads, capacity, layers } = shape;
    const index = new BigInt64Array(rowsOf.length * keyValueHeads * capacity);
    rowsOf.forEach((own, row) => {
      for (let h = 0; h < keyValueHeads; h++) {
        const at = (row * keyValueHeads + h) * capacity;
        index.fill(BigInt((own[0] ?? 0) * keyValueHeads + h), at, at + capacity);
        own.forEach((source, t) => {
          index[at + t] = BigInt(source * keyValueHeads + h);
        });
      }
    });
    const packed = ofOutputs(outputs, keyValueNames(layers));
    const rows = { data: index, dims: [rowsOf.length, keyValueHeads, capacity] };
    const names = keyValueNames(layers).map((name) => `past_${name}`);
    const placed = await programs.place.run(new Map<string, AnyTensor>([...packed, ['cache_rows', rows]]), names);
    dispose(packed);
    const lengths = rowsOf.map(({ length }) => length);
    return new DeviceKeyValueCache(shape, programs, lengths, ofOutputs(placed, names));
  }

  length(row: number): number {
    return this.lengths[row] ?? 0;
  }

  feeds(): (readonly [string, AnyTensor])[] {
    return [...pastMasks(this.lengths, this.shape), ...this.tensors];
  }

  async grow(outputs: Outputs): Promise<void> {
    const { capacity, layers } = this.shape;
    const slot = new Float32Array(this.lengths.length * capacity);
    this.lengths.forEach((length, row) => (slot[row * capacity + length] = 1));
    const fresh = ofOutputs(outputs, keyValueNames(layers));
    const where = { data: slot, dims: [this.lengths.length, 1, capacity, 1] };
    this.tensors = await this.replaced(this.programs.grow, new Map<string, AnyTensor>([...fresh, ['slot', where]]));
    dispose(fresh);
    for (const row of this.lengths.keys()) this.lengths[row] = this.length(row) + 1;
  }

  async take(rows: readonly number[]): Promise<DecodeCache> {
    const index = { data: BigInt64Array.from(rows, BigInt), dims: [rows.length] };
    const taken = await this.replaced(this.programs.take, new Map([['rows', index]]));
    const lengths = rows.map((row) => this.length(row));
    return new DeviceKeyValueCache(this.shape, this.programs, lengths, taken);
  }

  dispose(): void {
    dispose(this.tensors);
  }

  /** The cache that a program makes of this one, which is freed. */
  private async replaced(
    program: DeviceCachePrograms['grow'],
    feeds: ReadonlyMap<string, AnyTensor>,
  ): Promise<ReadonlyMap<string, DeviceTensor>> {
    const before = [...this.tensors].map(([name, tensor]) => [`in.${name}`, tensor] as const);
    const names = [...this.tensors.keys()];
    const after = ofOutputs(await program.run(new Map<string, AnyTensor>([...before, ...feeds]), names), names);
    this.dispose();
    return after;
  }
}

const ofOutputs = (outputs: Outputs, names: readonly string[]): ReadonlyMap<string, DeviceTensor> =>
  new Map(names.map((name) => [name, outputs.onDevice(name)]));

function dispose(tensors: ReadonlyMap<string, DeviceTensor>): void {
  for (const tensor of tensors.values()) tensor.dispose();
}
