import { createRandom, type Random } from '../../random/random.ts';
import { collectGarbageAfter } from '../onnx/garbageCollection.ts';
import type { Outputs } from '../programs/program.ts';
import type { ModelConfig } from '../models/modelConfig.ts';
import type { AnyTensor } from '../onnx/runtime.ts';
import { maskFeed, type ArmGroup, type PlacedGroup } from './armWeights.ts';
import { keyValueNames, type DecodeCache } from './decodeCache.ts';
import { assertRows, FAULT, type RowPlace } from './rowFaults.ts';
import { sampleToken, type Sampling } from './sampleToken.ts';
import type { Scorer } from './scorer.ts';

export interface DecodeOptions extends Sampling {
  readonly maxNewTokens: number;
  /** Completions per prompt. */
  readonly samples: number;
  /** Number of the first of them, where others are decoded apart; 0 unless given. */
  readonly firstSample?: number;
  readonly seed: number;
  /** Ends a completion and is not part of it. */
  readonly endTokens: ReadonlySet<number>;
  /** Whether a completion so far is to end for another reason (a stop text). */
  readonly isComplete: (tokens: readonly number[]) => boolean;
  /** Awaited after every token with all completions so far; what it throws ends the work. */
  readonly onToken?: (completions: readonly DecodedCompletion[]) => Promise<void>;
}

export interface DecodedCompletion {
  /** Index into the group's arms. */
  readonly arm: number;
  readonly prompt: number;
  readonly sample: number;
  readonly tokens: readonly number[];
}

type Prompts = readonly { readonly index: number; readonly ids: readonly number[] }[];

/** One growing completion. */
interface Row {
  readonly arm: number;
  readonly prompt: number;
  readonly sample: number;
  readonly random: Random;
  readonly tokens: number[];
}

/**
 * Completes prompts with every arm of a group in one batch: a packed pass over the prompts fills the caches, then each
 * step feeds one token a row. A row's random numbers depend on the seed, its prompt and its sample alone, so that
 * neither the batch nor the other arms change a completion, and arms draw with the same luck. Throws BrokenArm at the first
 * token whose logits are not finite: nothing could be chosen by them.
 */
export async function decode(
  scorer: Scorer,
  group: ArmGroup,
  prompts: Prompts,
  options: DecodeOptions,
): Promise<readonly DecodedCompletion[]> {
  const placed = await scorer.place(group);
  try {
    // What was scored or decoded before need not stand beside the cache, nor the keys and values that it is made from.
    const bytes = cacheBytes(scorer, group, prompts, options);
    collectGarbageAfter(bytes);
    const { rows, cache, first } = await start(scorer, placed.group, prompts, options);
    collectGarbageAfter(bytes);
    const decoder = new Decoder(scorer, placed.group, options, cache, rows);
    try {
      await decoder.extend(first);
      while (decoder.active > 0) {
        await options.onToken?.(rows);
        await decoder.step();
      }
    } finally {
      decoder.dispose();
    }
    return rows.map(({ arm, prompt, sample, tokens }) => ({ arm, prompt, sample, tokens }));
  } finally {
    placed.dispose();
  }
}

/** Positions that the longest row may come to hold. */
const capacityOf = (prompts: Prompts, { maxNewTokens }: DecodeOptions): number =>
  Math.max(...prompts.map(({ ids }) => ids.length)) + maxNewTokens;

function cacheBytes({ definition }: Scorer, group: ArmGroup, prompts: Prompts, options: DecodeOptions): number {
  const rows = group.ids.length * prompts.length * options.samples;
  return rows * cacheBytesOfRow(definition.config, capacityOf(prompts, options));
}

/** Bytes of the keys and values that a completion has after so many positions. */
export function cacheBytesOfRow(
  { layers, keyValueHeads, headSize }: Pick<ModelConfig, 'layers' | 'keyValueHeads' | 'headSize'>,
  positions: number,
): number {
  return 4 * 2 * layers * keyValueHeads * headSize * positions;
}

async function start(
  scorer: Scorer,
  group: PlacedGroup,
  prompts: Prompts,
  options: DecodeOptions,
): Promise<{ rows: Row[]; cache: DecodeCache; first: (row: number) => Float32Array }> {
  const { layers, vocabularySize } = scorer.definition.config;
  const sequences = group.ids.flatMap((_, arm) => prompts.map((prompt) => ({ arm, ...prompt })));
  const { outputs, rowsOf } = await scorer.prefill(group, sequences, ['logits', ...keyValueNames(layers)]);
  const capacity = capacityOf(prompts, options);
  const read = await scorer.cacheOf(outputs, rowsOf, capacity);
  const places = sequences.flatMap((_, i) => Array.from({ length: options.samples }, () => i));
  const rows = sequences.flatMap(({ arm, index }) =>
    Array.from({ length: options.samples }, (_, i): Row => {
      const sample = (options.firstSample ?? 0) + i;
      const random = createRandom(options.seed, index, sample);
      return { arm, prompt: index, sample, random, tokens: [] };
    }),
  );
  const logits = outputs.floats('logits');
  const first = (row: number): Float32Array => {
    const at = (places[row] ?? 0) * vocabularySize;
    return logits.subarray(at, at + vocabularySize);
  };
  return { rows, cache: options.samples === 1 ? read : await read.take(places), first };
}

class Decoder {
  private readonly scorer: Scorer;
  private readonly group: PlacedGroup;
  private readonly options: DecodeOptions;
  private cache: DecodeCache;
  private rows: Row[];

  constructor(scorer: Scorer, group: PlacedGroup, options: DecodeOptions, cache: DecodeCache, rows: readonly Row[]) {
    this.scorer = scorer;
    this.group = group;
    this.options = options;
    this.cache = cache;
    this.rows = [...rows];
  }

  get active(): number {
    return this.rows.length;
  }

  /** Draws the next token of every row from its logits, and lets finished rows go. */
  extend(logitsOf: (row: number) => Float32Array): Promise<void> {
    return this.push((row, { random }) => sampleToken(logitsOf(row), this.options, random));
  }

  async step(): Promise<void> {
    const { layers, vocabularySize } = this.scorer.definition.config;
    const greedy = this.options.temperature === 0;
    const names = [greedy ? 'best' : 'logits', FAULT, ...keyValueNames(layers)];
    const program = await this.scorer.program('decode', this.group, names);
    const outputs = await program.run(this.feeds(), names);
    assertRows(outputs, this.group.ids, (row) => this.placeOf(row));
    await this.cache.grow(outputs);
    if (greedy) await this.push((row) => Number(outputs.integers('best')[row] ?? 0n));
    else await this.extend((row) => logitsRow(outputs, row, vocabularySize));
  }

  dispose(): void {
    this.cache.dispose();
  }

  private placeOf(row: number): RowPlace {
    const { arm = 0, prompt = 0, sample = 0, tokens = [] } = this.rows[row] ?? {};
    return { arm, place: `prompt ${prompt}, sample ${sample}, token ${tokens.length}` };
  }

  private feeds(): ReadonlyMap<string, AnyTensor> {
    const last = this.rows.map(({ tokens }) => BigInt(tokens.at(-1) ?? 0));
    const positions = this.rows.map((_, row) => BigInt(this.cache.length(row)));
    const dims = [this.rows.length];
    return new Map<string, AnyTensor>([
      ['tokens', { data: BigInt64Array.from(last), dims }],
      ['positions', { data: BigInt64Array.from(positions), dims }],
      ...this.cache.feeds(),
      ...this.group.feeds,
      ...maskFeed(
        this.group,
        this.rows.map(({ arm }) => arm),
      ),
    ]);
  }

  private async push(tokenOf: (row: number, of: Row) => number): Promise<void> {
    const kept: number[] = [];
    this.rows.forEach((row, i) => {
      const token = tokenOf(i, row);
      if (this.options.endTokens.has(token)) return;
      row.tokens.push(token);
      if (row.tokens.length < this.options.maxNewTokens && !this.options.isComplete(row.tokens)) kept.push(i);
    });
    if (kept.length === this.rows.length) return;
    if (kept.length > 0) this.cache = await this.cache.take(kept);
    this.rows = kept.flatMap((i) => this.rows[i] ?? []);
  }
}

function logitsRow(outputs: Outputs, row: number, vocabulary: number): Float32Array {
  return outputs.floats('logits').subarray(row * vocabulary, (row + 1) * vocabulary);
}
