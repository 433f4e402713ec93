/** Implements OpenModel: one opened base model and the arms that were trained on it or loaded into it. */
import { availableParallelism } from 'node:os';
import { internal, RankscopeError } from '../../protocol/errors.ts';
import type { LensResult } from '../../protocol/run/lens.ts';
import type { ContinuedPrompt, TextPlace } from '../../experiments/ports/distributionPort.ts';
import {
  promptText,
  type AskedTexts,
  type Completion,
  type ModelPrompt,
  type Pair,
  type Progress,
  type SamplingOptions,
} from '../../experiments/ports/modelPort.ts';
import type {
  ArmOutcome,
  ArmPlan,
  PlannedArm,
  TrainingCallbacks,
  TrainingOptions,
} from '../../experiments/ports/trainerPort.ts';
import { adapterSize, methodOf } from '../../engine/adapters/loraArm.ts';
import { checkRank, targetModules } from '../../engine/adapters/loraTargets.ts';
import { writePeftFolder } from '../../engine/adapters/peftFolder.ts';
import type { Arm, ArmGroup } from '../../engine/generate/armWeights.ts';
import { decode, type DecodedCompletion } from '../../engine/generate/decode.ts';
import { logSoftmax } from '../../engine/generate/logSoftmax.ts';
import { Scorer } from '../../engine/generate/scorer.ts';
import { bestToken } from '../../engine/generate/sampleToken.ts';
import { defineModel, expectTask } from '../../engine/models/families/families.ts';
import { parametersOf, type ModelDefinition } from '../../engine/models/modelDefinition.ts';
import { checkAdapterArms, checkFullArm, planMemory, type MemoryPlan } from '../../engine/models/memoryEstimate.ts';
import { convertWeights, type ConvertedWeights } from '../../engine/models/convertedWeights.ts';
import { isBlocked } from '../../engine/models/weightLayout.ts';
import { endOfText, type EndOfText } from '../../engine/tokenizer/endOfText.ts';
import type { PromptEncoder } from '../../engine/tokenizer/promptEncoder.ts';
import { createTokenizer, type Tokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { labelCount, type TrainExample } from '../../engine/train/trainExample.ts';
import type { Checkpoint } from '../../engine/weights/checkpoint.ts';
import { openCheckpoint } from '../../engine/checkpoints/openCheckpoint.ts';
import type { DeviceChoice } from '../../protocol/devices/deviceChoice.ts';
import type { DeviceName } from '../../engine/ops/device.ts';
import { assertDevice } from '../../engine/programs/assertDevice.ts';
import { assertHeld, rowsThatFit } from './boundedCompletions.ts';
import { assertBlocksOn, assertNoBlocks } from './blockedWeights.ts';
import { assertReadable, encoderOf, readPair } from './checkTexts.ts';
import { chooseDevice } from '../devices/devices.ts';
import type { OpenModel, OpenOptions, TextLogits } from './engineHost.ts';
import { assertPlainLora } from './lowRankChange.ts';
import { machineMemory } from './machineMemory.ts';
import { readArmLens } from './readArmLens.ts';
import { readArmPositions } from './readArmPositions.ts';
import { readArmFolder } from './readArmFolder.ts';
import { assertBelow, shrinkArm } from './shrinkArm.ts';
import { markUsed, weightsFolder } from './weightsFolder.ts';
import { yieldBetweenTokens } from './yieldBetweenTokens.ts';
import { TrainedPairs } from './trainedPairs.ts';
import { writeModelFolder } from './writeModelFolder.ts';
import { adapterMemory, trainArms } from '../training/trainArms.ts';

/** Rows that are decoded together, beyond which only memory grows, and sequences that are scored together. */
const ROWS = { decoded: 128, scored: 64 };
/** The same where memory is short. */
const FEWER_ROWS = { decoded: 64, scored: 32 };

/** A prompt in tokens, with its place among the prompts. */
interface EncodedPrompt {
  readonly index: number;
  readonly ids: readonly number[];
}

/** What a model was opened with. */
interface Circumstances {
  readonly hash: string;
  readonly threads: number;
  readonly plan: MemoryPlan;
  readonly device: DeviceName;
  readonly choice: DeviceChoice | undefined;
}

export class OpenedModel implements OpenModel {
  readonly hash: string;
  readonly fileHashes: Checkpoint['fileHashes'];
  readonly path: string;
  readonly device: string;
  readonly deviceName: DeviceName;
  readonly deviceChoice: DeviceChoice | undefined;
  readonly definition: ModelDefinition;
  readonly weights: ConvertedWeights;
  readonly threads: number;
  readonly arms = new Map<string, Arm>([['base', { kind: 'base' }]]);
  private readonly checkpoint: Checkpoint;
  private readonly plan: MemoryPlan;
  private readonly tokenizer: Tokenizer;
  readonly scorer: Scorer;
  private readonly end: EndOfText;
  private readonly encoder: PromptEncoder;
  private readonly trained = new TrainedPairs();

  static async open(reference: string, options: OpenOptions): Promise<OpenedModel> {
    const { device, onProgress, signal } = options;
    if (device !== 'auto') await assertDevice(device);
    const checkpoint = await openCheckpoint(reference, {
      ...(signal && { signal }),
      ...(onProgress && { onProgress: ({ file, done, total }) => onProgress({ what: file, done, total }) }),
    });
    try {
      return await OpenedModel.load(checkpoint, options);
    } catch (error) {
      await checkpoint.tensors.close();
      throw error;
    }
  }

  private static async load(checkpoint: Checkpoint, options: OpenOptions): Promise<OpenedModel> {
    const { threads, onProgress, weights: setting = 'auto', lowMemory, memoryBytes } = options;
    const definition = defineModel(checkpoint.config, checkpoint.path);
    expectTask(definition, 'causal-lm', checkpoint.path);
    if (!checkpoint.tokenizer) {
      throw new RankscopeError({
        code: 'tokenizer',
        where: checkpoint.path,
        what: 'The model has no tokenizer.json.',
        remedy: 'Put the tokenizer.json of the model beside its weights.',
      });
    }
    if (options.device !== 'auto') assertBlocksOn(options.device, setting);
    const machine = { memory: memoryBytes ?? machineMemory(), where: checkpoint.path };
    const plan = planMemory(definition, checkpoint.tensors.tensors, { weights: setting, lowMemory }, machine);
    const hash = await checkpoint.hash();
    const weights = await convertWeights(definition, checkpoint, weightsFolder(hash, checkpoint.config), {
      ...plan,
      onProgress: (done, total) => onProgress?.({ what: 'weights', done, total }),
    });
    const tokenizer = createTokenizer(checkpoint.tokenizer, checkpoint.chatTemplate);
    const { folder } = weights;
    await markUsed(folder);
    const { storage } = plan;
    // Weights in blocks have kernels on the CPU alone, so that there is no choice.
    const choice =
      options.device === 'auto' && !isBlocked(storage)
        ? await chooseDevice(
            { ...plan, storage, path: checkpoint.path, folder, config: checkpoint.config, threads },
            { signal: options.signal },
          )
        : undefined;
    return new OpenedModel(checkpoint, definition, weights, tokenizer, {
      hash,
      plan,
      choice,
      device: choice?.chosen ?? (options.device === 'auto' ? 'cpu' : options.device),
      threads: threads > 0 ? threads : availableParallelism(),
    });
  }

  private constructor(
    checkpoint: Checkpoint,
    definition: ModelDefinition,
    weights: ConvertedWeights,
    tokenizer: Tokenizer,
    { hash, threads, plan, device, choice }: Circumstances,
  ) {
    this.checkpoint = checkpoint;
    this.definition = definition;
    this.weights = weights;
    this.tokenizer = tokenizer;
    this.end = endOfText(checkpoint, tokenizer);
    this.encoder = encoderOf(checkpoint, definition, tokenizer);
    this.hash = hash;
    this.fileHashes = checkpoint.fileHashes;
    this.path = checkpoint.path;
    this.threads = threads;
    this.plan = plan;
    this.deviceName = device;
    this.deviceChoice = choice;
    const narrow = plan.storage === 'float32' ? [] : [`${plan.storage} weights`];
    const spared = plan.lowMemory ? ['low memory'] : [];
    const notes = [...(device === 'cpu' ? [`${threads} threads`] : []), ...narrow, ...spared];
    this.device = notes.length > 0 ? `${device} (${notes.join(', ')})` : device;
    this.scorer = new Scorer(definition, weights, { threads, device, oneProgram: plan.lowMemory });
  }

  private get rows(): typeof ROWS {
    return this.plan.lowMemory ? FEWER_ROWS : ROWS;
  }

  async complete(
    arms: readonly string[],
    prompts: readonly ModelPrompt[],
    options: SamplingOptions,
    onProgress?: (progress: Progress) => void,
    signal?: AbortSignal,
  ): Promise<readonly Completion[]> {
    const encoded = prompts.map((prompt, index) => ({ index, ids: this.encoder.prompt(prompt, options.maxNewTokens) }));
    assertHeld({ ...options, arms: arms.length, prompts: prompts.length });
    const results: Completion[] = [];
    const sampling = { ...this.decodeOptions(options), endTokens: this.endsOf(prompts) };
    const total = arms.length * prompts.length * options.samples;
    for (const group of await this.scorer.groups(arms, this.arms)) {
      for (const { chunk, samples, firstSample } of this.batches(encoded, group.ids.length, options)) {
        throwIfCancelled(signal);
        const named = ({ arm, prompt, sample, tokens }: DecodedCompletion): Completion => {
          const text = this.completionText(tokens, options.stop);
          return { arm: group.ids[arm] ?? '', promptIndex: prompt, sample, text, tokens };
        };
        const onToken = yieldBetweenTokens(signal, (growing) => options.onGrowth?.(growing.map(named)));
        const decoding = { ...sampling, samples, firstSample, onToken };
        results.push(...(await decode(this.scorer, group, chunk, decoding)).map(named));
        onProgress?.({ done: results.length, total });
      }
    }
    const order = new Map(arms.map((arm, i) => [arm, i]));
    const place = (c: Completion): number => order.get(c.arm) ?? 0;
    return results.sort((a, b) => place(a) - place(b) || a.promptIndex - b.promptIndex || a.sample - b.sample);
  }

  /** Prompts and samples that are decoded at once by so many arms. */
  private batches(
    prompts: readonly EncodedPrompt[],
    arms: number,
    { samples, maxNewTokens }: SamplingOptions,
  ): readonly { chunk: readonly EncodedPrompt[]; samples: number; firstSample: number }[] {
    const positions = Math.max(0, ...prompts.map(({ ids }) => ids.length)) + maxNewTokens;
    const rows = rowsThatFit(this.definition.config, { most: this.rows.decoded, arms, positions });
    const spans = chunks(
      Array.from({ length: samples }, (_, sample) => sample),
      Math.max(1, Math.floor(rows / arms)),
    );
    const size = Math.max(1, Math.floor(rows / (arms * samples)));
    return chunks(prompts, size).flatMap((chunk) =>
      spans.map((span) => ({ chunk, samples: span.length, firstSample: span[0] ?? 0 })),
    );
  }

  private decodeOptions({ maxNewTokens, samples, seed, temperature, topK, topP, stop }: SamplingOptions) {
    return {
      maxNewTokens,
      samples,
      seed,
      temperature,
      topK,
      topP,
      isComplete: (tokens: readonly number[]) => {
        if (stop.length === 0) return false;
        const text = this.tokenizer.decode(tokens, { skipSpecialTokens: true });
        return stop.some((s) => text.includes(s));
      },
    };
  }

  /** An answer in a chat ends where its turn does, whether or not the model's files name that token as an end. */
  private endsOf(prompts: readonly ModelPrompt[]): ReadonlySet<number> {
    if (prompts.every((prompt) => typeof prompt === 'string')) return this.end.tokens;
    const { turnEnd } = this.encoder;
    return turnEnd === undefined ? this.end.tokens : new Set([...this.end.tokens, turnEnd]);
  }

  private completionText(tokens: readonly number[], stop: readonly string[]): string {
    const text = this.tokenizer.decode(tokens, { skipSpecialTokens: true });
    const ends = stop.map((s) => text.indexOf(s)).filter((at) => at >= 0);
    return ends.length > 0 ? text.slice(0, Math.min(...ends)) : text;
  }

  async nextTokenLogProbabilities(
    arms: readonly string[],
    prompts: readonly ModelPrompt[],
    visit: (promptIndex: number, rows: readonly Float32Array[]) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const groups = await this.scorer.groups(arms, this.arms);
    const size = Math.max(1, Math.floor(this.rows.scored / arms.length));
    const encoded = prompts.map((prompt, index) => ({ index, ids: this.encoder.prompt(prompt) }));
    for (const chunk of chunks(encoded, size)) {
      throwIfCancelled(signal);
      const rows = new Map<string, Float32Array>();
      for (const group of groups) await this.scoreChunk(group, chunk, rows);
      const rowOf = (arm: string, index: number): Float32Array => {
        const row = rows.get(`${arm} ${index}`);
        if (!row) throw internal(`Prompt ${index} was not scored by arm "${arm}".`);
        return row;
      };
      for (const { index } of chunk)
        visit(
          index,
          arms.map((arm) => rowOf(arm, index)),
        );
    }
  }

  private async scoreChunk(
    group: ArmGroup,
    chunk: readonly { readonly index: number; readonly ids: readonly number[] }[],
    rows: Map<string, Float32Array>,
  ): Promise<void> {
    const { vocabularySize } = this.definition.config;
    const sequences = group.ids.flatMap((_, arm) => chunk.map((prompt) => ({ arm, ...prompt })));
    const { outputs } = await this.scorer.prefill(group, sequences, ['logits']);
    const logits = outputs.floats('logits');
    sequences.forEach(({ arm, index }, i) => {
      rows.set(
        `${group.ids[arm] ?? ''} ${index}`,
        logSoftmax(logits.subarray(i * vocabularySize, (i + 1) * vocabularySize)),
      );
    });
  }

  async pairLosses(arms: readonly string[], pairs: readonly Pair[], signal?: AbortSignal) {
    const reading = { appendEos: false, maxLength: this.definition.config.maxPositions };
    const examples = pairs.map((pair) => readPair(this.encoder, pair, reading).example);
    const byArm = new Map<string, { nll: number; tokens: number }[]>(arms.map((arm) => [arm, []]));
    for (const group of await this.scorer.groups(arms, this.arms)) {
      for (const [arm, id] of group.ids.entries()) {
        for (const chunk of chunks([...examples.entries()], this.rows.scored)) {
          throwIfCancelled(signal);
          const losses = await this.scorer.losses(
            group,
            chunk.map(([index, example]) => ({ ...example, arm, index })),
          );
          chunk.forEach(([, example], i) =>
            byArm.get(id)?.push({ nll: losses[i] ?? NaN, tokens: labelCount(example) }),
          );
        }
      }
    }
    return arms.map((arm) => byArm.get(arm) ?? []);
  }

  trainableParameters(plans: readonly PlannedArm[]): Promise<readonly number[]> {
    const full = parametersOf(this.definition)
      .filter((p) => !p.compute)
      .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    return Promise.resolve(
      plans.map((plan) => {
        if (plan.method === 'full') return full;
        const targets = targetModules(this.definition, plan.targets);
        checkRank(plan.rank, targets);
        return adapterSize(plan.rank, targets, methodOf({ method: plan.adapter }));
      }),
    );
  }

  train(
    plans: readonly ArmPlan[],
    pairs: readonly Pair[] | ReadonlyMap<string, readonly Pair[]>,
    options: TrainingOptions,
    callbacks: TrainingCallbacks,
  ): Promise<readonly ArmOutcome[]> {
    if (plans.some(({ method }) => method === 'full')) {
      assertNoBlocks(this.plan, this.path);
      checkFullArm(this.definition, this.plan);
    }
    checkAdapterArms(adapterMemory(this, plans), this.plan);
    const longest = Math.min(options.maxLength, this.definition.config.maxPositions);
    const encode = (own: readonly Pair[]) => this.trainingPairs(own, options.appendEos, longest);
    const examples = 'get' in pairs ? new Map([...pairs].map(([arm, own]) => [arm, encode(own)])) : encode(pairs);
    return trainArms(this, plans, examples, options, callbacks);
  }

  private trainingPairs(pairs: readonly Pair[], appendEos: boolean, maxLength: number): readonly TrainExample[] {
    return pairs.map((pair) => {
      const read = readPair(this.encoder, pair, { appendEos, maxLength });
      this.trained.note(pair, read);
      return read.example;
    });
  }

  get notes(): readonly string[] {
    return [...(this.checkpoint.notes ?? []), ...this.trained.notes];
  }

  check(asked: AskedTexts): void {
    assertReadable(this.encoder, this.definition, asked);
  }

  async saveArm(id: string, directory: string): Promise<void> {
    const arm = this.arms.get(id);
    if (!arm || arm.kind === 'base')
      throw new RankscopeError({ code: 'run', what: `There is no trained arm "${id}".` });
    await arm.store.settle();
    if (arm.kind === 'lora') return writePeftFolder(directory, arm, this.path, this.definition);
    return writeModelFolder(directory, arm.store, this.checkpoint);
  }

  async cutArm(id: string, rank: number, directory: string): Promise<void> {
    const arm = this.arms.get(id);
    if (arm?.kind !== 'lora') throw new RankscopeError({ code: 'run', what: `There is no adapter "${id}" to cut.` });
    await arm.store.settle();
    assertPlainLora(arm, id);
    assertBelow(rank, arm.rank, id);
    await writePeftFolder(directory, shrinkArm(arm, rank).shrunk, this.path, this.definition);
  }

  forgetArm(id: string): void {
    if (id !== 'base') this.arms.delete(id);
  }

  async loadAdapter(id: string, directory: string): Promise<void> {
    this.arms.set(id, await readArmFolder(directory, this.definition, this.weights));
  }

  async logits(arm: string, text: string): Promise<TextLogits> {
    const ids = this.encoder.prompt(text);
    const [group] = await this.scorer.groups([arm], this.arms);
    if (!group) throw internal('One arm makes one group.');
    const every = (sequence: readonly number[]): number[] => sequence.map((_, i) => i);
    const { outputs } = await this.scorer.prefill(group, [{ arm: 0, ids }], ['logits'], every);
    const all = outputs.floats('logits');
    const { vocabularySize } = this.definition.config;
    const row = (i: number): Float32Array => all.subarray(i * vocabularySize, (i + 1) * vocabularySize);
    return { ids, top1: ids.map((_, i) => bestToken(row(i))), logits: row(ids.length - 1) };
  }

  get tokens(): Tokenizer {
    return this.tokenizer;
  }

  lens(arms: readonly string[], asked: ModelPrompt, signal?: AbortSignal): Promise<LensResult> {
    return readArmLens(this, arms, { prompt: promptText(asked), ids: this.encoder.prompt(asked) }, signal);
  }

  positionLogProbabilities(
    arms: readonly string[],
    texts: readonly ContinuedPrompt[],
    visit: (place: TextPlace, rows: readonly Float32Array[]) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    return readArmPositions(this, (prompt) => this.encoder.prompt(prompt), arms, texts, visit, signal);
  }

  get hasChatTemplate(): boolean {
    return this.checkpoint.chatTemplate !== undefined;
  }

  chatPrompt(message: string): ModelPrompt {
    return this.hasChatTemplate ? [{ role: 'user', content: message }] : message;
  }

  promptTokens(prompt: ModelPrompt): readonly number[] {
    return this.encoder.prompt(prompt);
  }

  releasePrograms(): Promise<void> {
    return this.scorer.release();
  }

  async dispose(): Promise<void> {
    await this.scorer.release();
    await this.checkpoint.tensors.close();
  }
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new RankscopeError({ code: 'cancelled', what: 'The work was cancelled.' });
}
