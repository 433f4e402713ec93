import { packFor } from '../batch/packing.ts';
import type { ModelDefinition } from '../models/modelDefinition.ts';
import { AdapterColumns } from './adapterColumns.ts';
import type { AdapterMethod } from '../adapters/adapterMethod.ts';
import type { LinearModule } from '../models/modelConfig.ts';
import type { Graph } from '../ops/graph.ts';
import { devices, type Device, type DeviceName } from '../ops/device.ts';
import { uploadAll } from '../programs/deviceCopies.ts';
import { Program, type Feeds, type MappedWeights, type Outputs } from '../programs/program.ts';
import type { AnyTensor } from '../onnx/runtime.ts';
import { inputIds, labelFeeds } from '../train/labels.ts';
import { labelCount, type TrainExample } from '../train/trainExample.ts';
import { assertFinite } from '../../protocol/finite.ts';
import { maskFeed, settledGroups, type Arm, type ArmGroup, type PlacedGroup } from './armWeights.ts';
import { keyValueNames, type DecodeCache } from './decodeCache.ts';
import { compileCachePrograms, type DeviceCachePrograms } from './deviceCachePrograms.ts';
import { DeviceKeyValueCache } from './deviceKeyValueCache.ts';
import { KeyValueCache } from './keyValueCache.ts';
import { assertRows, FAULT, type RowPlace } from './rowFaults.ts';
import {
  buildDecodeProgram,
  buildHeadProgram,
  buildLossProgram,
  buildPrefillProgram,
  buildResidualProgram,
  residualName,
} from './scoreProgram.ts';

/** A sequence to be read by one of a group's arms. */
export interface ArmSequence {
  /** Index into the group's arms. */
  readonly arm: number;
  readonly ids: readonly number[];
  /** Number of the prompt or text that it is, for the error of an arm that fails on it; its place in the batch unless given. */
  readonly index?: number;
}

type Kind = 'prefill' | 'decode' | 'loss' | 'residual' | 'head';
const builders: Readonly<
  Record<Kind, (definition: ModelDefinition, targets: readonly LinearModule[], method?: AdapterMethod) => Graph>
> = {
  prefill: buildPrefillProgram,
  decode: buildDecodeProgram,
  loss: buildLossProgram,
  residual: buildResidualProgram,
  head: buildHeadProgram,
};

export interface ScorerOptions {
  readonly threads: number;
  /** The CPU unless given. */
  readonly device?: DeviceName;
  /** Whether a program is let go before another is compiled, for the sake of memory; all stay unless given. */
  readonly oneProgram?: boolean;
}

/** Runs the forward programs of one model, each compiled at its first use. */
export class Scorer {
  readonly definition: ModelDefinition;
  private readonly weights: Feeds | MappedWeights;
  private readonly threads: number;
  private readonly device: Device;
  private readonly oneProgram: boolean;
  private readonly programs = new Map<string, Promise<Program>>();
  private readonly columns: AdapterColumns;
  private cachePrograms: Promise<DeviceCachePrograms> | undefined;

  constructor(
    definition: ModelDefinition,
    weights: Feeds | MappedWeights,
    { threads, device = 'cpu', oneProgram = false }: ScorerOptions,
  ) {
    this.definition = definition;
    this.weights = weights;
    this.threads = threads;
    this.device = devices[device];
    this.oneProgram = oneProgram;
    this.columns = new AdapterColumns(weights, threads);
  }

  /** The groups that these arms form (groupArms), as they stand after what was trained last. */
  groups(ids: readonly string[], arms: ReadonlyMap<string, Arm>): Promise<readonly ArmGroup[]> {
    return settledGroups(ids, arms, this.columns);
  }

  /**
   * The program for a group's arms: with its adapters' slots, and fed its own weights where it brings any. Where caches
   * stay on the device it is one that gives the named outputs alone.
   */
  program(
    kind: Kind,
    { targets, method, own, feeds }: Pick<PlacedGroup, 'targets' | 'method' | 'own' | 'feeds'>,
    outputs: readonly string[] = [],
  ): Promise<Program> {
    const cached = this.device.keepsState ? keyValueNames(this.definition.config.layers) : [];
    const keep = new Set(outputs.filter((name) => cached.includes(name)));
    const slots = `${method.name} ${targets.map((m) => m.name).join()}`;
    const key = `${kind} ${slots} ${own.join()} ${keep.size > 0 ? outputs.join() : ''}`;
    const known = this.programs.get(key);
    if (known) return known;
    const graph = builders[kind](this.definition, targets, method);
    if (keep.size > 0) graph.keepOutputs(outputs);
    // Decoding runs a program hundreds of times and repays prepacking; the others run a few times.
    const options = { threads: this.threads, prepack: kind === 'decode', device: this.device.name, keep };
    const compile = () => Program.compile(graph, this.weights, options, new Set(feeds.keys()));
    const program = this.oneProgram ? this.letGo().then(compile) : compile();
    this.programs.set(key, program);
    // What failed once (for want of memory, say) may succeed later, and is nothing to release.
    program.catch(() => {
      if (this.programs.get(key) === program) this.programs.delete(key);
    });
    return program;
  }

  /** The group with what it is fed lying on the device, if that keeps state, for many runs; to be disposed of. */
  async place(group: ArmGroup): Promise<{ readonly group: PlacedGroup; dispose(): void }> {
    if (!this.device.keepsState) return { group, dispose: () => undefined };
    const copies = await uploadAll(group.feeds, this.device.name);
    const dispose = (): void => {
      for (const copy of copies.values()) copy.dispose();
    };
    return { group: { ...group, feeds: copies }, dispose };
  }

  /** The cache of sequences, from what a prefill program gave of the packed rows that each has, position by position. */
  async cacheOf(outputs: Outputs, rowsOf: readonly (readonly number[])[], capacity: number): Promise<DecodeCache> {
    const { layers, keyValueHeads, headSize, window } = this.definition.config;
    const shape = { layers, keyValueHeads, headSize, capacity, window };
    if (this.device.keepsState) {
      this.cachePrograms ??= compileCachePrograms(shape, this.device.name);
      return DeviceKeyValueCache.of(shape, await this.cachePrograms, outputs, rowsOf);
    }
    const cache = new KeyValueCache(shape, rowsOf.length);
    rowsOf.forEach((packed, row) => cache.append(row, outputs, packed));
    return cache;
  }

  /**
   * Reads sequences, and what they begin with in common once an arm. The logits are those of each sequence's rows in
   * `wanted` (0-based positions), one sequence after another; `rowsOf` tells the packed row of every position, by which
   * keys and values are found. Throws BrokenArm where a logit is not finite; rows of other arms do not make it so.
   */
  async prefill(
    group: PlacedGroup,
    sequences: readonly ArmSequence[],
    outputs: readonly string[],
    wanted: (ids: readonly number[]) => readonly number[] = (ids) => [ids.length - 1],
  ): Promise<{ readonly outputs: Outputs; readonly rowsOf: readonly (readonly number[])[] }> {
    const { feeds, rowsOf } = this.pack(group, sequences, true);
    const rows = sequences.flatMap(({ ids }, i) => wanted(ids).map((position) => rowsOf[i]?.[position] ?? 0));
    feeds.set('label_rows', { data: BigInt64Array.from(rows, BigInt), dims: [rows.length] });
    const names = [...outputs, FAULT];
    const found = await (await this.program('prefill', group, names)).run(feeds, names);
    const places = (): readonly RowPlace[] =>
      sequences.flatMap(({ arm, ids, index }, i) =>
        wanted(ids).map((position) => ({ arm, place: `prompt ${index ?? i}, position ${position}` })),
      );
    assertRows(found, group.ids, (row) => places()[row] ?? { arm: 0, place: `row ${row}` });
    return { outputs: found, rowsOf };
  }

  /** The residual streams of sequences, `[layer]` after the embeddings and each layer: [packed rows, hiddenSize]. */
  async residuals(
    group: ArmGroup,
    sequences: readonly ArmSequence[],
  ): Promise<{ readonly streams: readonly Float32Array[]; readonly starts: readonly number[] }> {
    const batch = this.pack(group, sequences, false);
    const names = Array.from({ length: this.definition.config.layers + 1 }, (_, layer) => residualName(layer));
    const outputs = await (await this.program('residual', group)).run(batch.feeds, names);
    return { streams: names.map((name) => outputs.floats(name)), starts: batch.starts };
  }

  /**
   * Logits of rows of a residual stream by the arms' head: [rows, vocabulary]. `places` gives each row's arm of the group.
   * Throws BrokenArm where one is not finite.
   */
  async head(group: ArmGroup, places: readonly RowPlace[], hidden: Float32Array): Promise<Float32Array> {
    const armOfRow = places.map(({ arm }) => arm);
    const rows = { data: hidden, dims: [places.length, this.definition.config.hiddenSize] };
    const feeds = new Map([...group.feeds, ...maskFeed(group, armOfRow), ['hidden', rows] as const]);
    const outputs = await (await this.program('head', group)).run(feeds, ['logits', FAULT]);
    assertRows(outputs, group.ids, (row) => places[row] ?? { arm: 0, place: `row ${row}` });
    return outputs.floats('logits');
  }

  /** Sum of the negative log-likelihood of each example's labels, nats. Throws BrokenArm where it is not finite. */
  async losses(
    group: ArmGroup,
    examples: readonly (TrainExample & { readonly arm: number; readonly index?: number })[],
  ): Promise<number[]> {
    const packed = this.pack(
      group,
      examples.map((example) => ({ arm: example.arm, ids: inputIds(example) })),
      true,
    );
    for (const [name, tensor] of labelFeeds(examples, packed)) packed.feeds.set(name, tensor);
    const program = await this.program('loss', group);
    const nll = (await program.run(packed.feeds, ['loss'])).floats('loss');
    let at = 0;
    const sums = examples.map((example) => {
      const count = labelCount(example);
      at += count;
      return nll.subarray(at - count, at).reduce((sum, x) => sum + x, 0);
    });
    assertFinite('the loss', sums, (i) => {
      const { arm = 0, index = i } = examples[i] ?? {};
      return { arm: group.ids[arm] ?? '', place: `text ${index}` };
    });
    return sums;
  }

  /** Packs sequences; each arm's own may share what they begin with. */
  private pack(group: PlacedGroup, sequences: readonly ArmSequence[], sharesPrefixes: boolean) {
    const arms = sequences.map(({ arm }) => arm);
    const ids = sequences.map((sequence) => sequence.ids);
    const batch = packFor(this.definition.config, ids, { sharesPrefixes: sharesPrefixes && arms });
    const armOfRow = batch.sequenceOf.map((sequence) => arms[sequence] ?? 0);
    return {
      ...batch,
      feeds: new Map<string, AnyTensor>([...batch.feeds, ...group.feeds, ...maskFeed(group, armOfRow)]),
    };
  }

  async release(): Promise<void> {
    // Those that could not be compiled keep nothing else from being released.
    const cache = this.cachePrograms?.then(
      (made) => Object.values(made) as Program[],
      () => [],
    );
    this.cachePrograms = undefined;
    const made = (await cache) ?? [];
    await this.letGo();
    await this.columns.release();
    for (const program of made) await program.release();
  }

  /** Releases the compiled programs; those asked for from now on are compiled anew. */
  private async letGo(): Promise<void> {
    const programs = [...this.programs.values()];
    this.programs.clear();
    for (const program of await Promise.allSettled(programs)) {
      if (program.status === 'fulfilled') await program.value.release();
    }
  }
}
