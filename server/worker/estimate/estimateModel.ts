/** An opened model that does a sample of what it is asked, times it, and makes up the rest from the sample. */
import {
  promptText,
  type Completion,
  type ModelPrompt,
  type Pair,
  type SamplingOptions,
} from '../../experiments/ports/modelPort.ts';
import type { ArmPlan, TrainingCallbacks } from '../../experiments/ports/trainerPort.ts';
import type { OpenModel } from '../host/engineHost.ts';
import { secondsToWrite, type DiskSpeed } from './estimateLimits.ts';
import type { EstimateMeter } from './estimateMeter.ts';
import { rehearseTraining } from './estimateTraining.ts';

/** The meter and the disk for a rehearsal. */
export interface Rehearsal {
  readonly meter: EstimateMeter;
  readonly disk: DiskSpeed;
}

/** Rows that the engine decodes or scores together (openedModel.ts). A full batch must be timed. */
const decodeRows = 128;
const scoreRows = 64;
/** If completions may be longer than this, only a part of their tokens is timed. */
const longCompletion = 32;
/** Number of prompts that are then completed to their ends, to measure the length of completions. */
const completedWhole = 4;
/** Number of tokens of a full batch that are then timed. */
const timedTokens = 8;

type Methods = Pick<
  OpenModel,
  'complete' | 'nextTokenLogProbabilities' | 'pairLosses' | 'lens' | 'train' | 'saveArm' | 'dispose'
>;

export function rehearsedModel(model: OpenModel, { meter, disk }: Rehearsal): OpenModel {
  const plans = new Map<string, ArmPlan>();
  const rehearsal = new Rehearsed(model, meter, plans);
  const own: Methods = {
    complete: (...asked) => rehearsal.complete(...asked),
    nextTokenLogProbabilities: (...asked) => rehearsal.scores(...asked),
    pairLosses: (...asked) => rehearsal.losses(...asked),
    lens: (arms, prompt, signal) => rehearsal.lens(arms, prompt, signal),
    train: async (given, examples, options, callbacks) => {
      for (const plan of given) plans.set(plan.id, plan);
      const sizes = await model.trainableParameters(given);
      const train: OpenModel['train'] = (...asked) => model.train(...asked);
      const begins: TrainingCallbacks = {
        ...callbacks,
        onBoundary: (boundary) => {
          // Before it compiles the training program, the engine releases all other programs.
          if (boundary.step === 0) rehearsal.programsReleased();
          return callbacks.onBoundary(boundary);
        },
      };
      return rehearseTraining(
        { train, lettersOf, meter, disk, sizes },
        { plans: given, examples, options, callbacks: begins },
      );
    },
    saveArm: async (arm, directory) => {
      const plan = plans.get(arm);
      const [size = 0] = plan ? await model.trainableParameters([plan]) : [];
      // The disk may hold an arm twice: with its best weights so far, and with its last.
      meter.keepsArm(directory, 4 * size);
      meter.skip(secondsToWrite(disk, 4 * size, 1));
    },
    dispose: () => model.dispose(),
  };
  // Other methods cost little, and are called on the model itself.
  return new Proxy(model, {
    get: (target, name) => {
      if (Object.hasOwn(own, name)) return own[name as keyof Methods];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

const lettersOf = ({ prompt, completion }: Pair): number => prompt.length + completion.length;
const letters = (pairs: readonly Pair[]): number => pairs.reduce((sum, pair) => sum + lettersOf(pair), 0);

class Rehearsed {
  readonly #model: OpenModel;
  readonly #meter: EstimateMeter;
  readonly #plans: ReadonlyMap<string, ArmPlan>;
  /** Programs for decoding that have been compiled. */
  readonly #compiled = new Set<string>();
  #loss = 1;
  readonly #samples = new Map<string, readonly Completion[]>();
  readonly #lens = new Map<string, Awaited<ReturnType<OpenModel['lens']>>>();

  constructor(model: OpenModel, meter: EstimateMeter, plans: ReadonlyMap<string, ArmPlan>) {
    this.#model = model;
    this.#meter = meter;
    this.#plans = plans;
  }

  programsReleased(): void {
    this.#compiled.clear();
  }

  /** Groups of arms that share their batches: the base with all adapters, and each full arm alone. */
  #batches(arms: readonly string[]): readonly (readonly string[])[] {
    const isFull = (arm: string): boolean => this.#plans.get(arm)?.method === 'full';
    const adapters = arms.filter((arm) => !isFull(arm));
    return [...(adapters.length > 0 ? [adapters] : []), ...arms.filter(isFull).map((arm) => [arm])];
  }

  complete: OpenModel['complete'] = async (arms, prompts, options, onProgress, signal) => {
    const all: Completion[] = [];
    for (const batch of this.#batches(arms)) {
      all.push(...(await this.#completeBatch(batch, prompts, options, signal)));
      onProgress?.({ done: all.length, total: arms.length * prompts.length * options.samples });
    }
    const order = new Map(arms.map((arm, i) => [arm, i]));
    const place = ({ arm }: Completion): number => order.get(arm) ?? 0;
    return all.sort((a, b) => place(a) - place(b) || a.promptIndex - b.promptIndex || a.sample - b.sample);
  };

  /** A full batch or two are completed for real; the other prompts get what the first got. */
  async #completeBatch(
    arms: readonly string[],
    prompts: readonly ModelPrompt[],
    options: SamplingOptions,
    signal: AbortSignal | undefined,
  ): Promise<readonly Completion[]> {
    const size = Math.max(1, Math.floor(decodeRows / (arms.length * options.samples)));
    const kind = `complete ${this.#shape(arms)} ${options.samples} ${options.maxNewTokens} ${prompts.length < size}`;
    const rate = this.#meter.rate(kind);
    const known = this.#samples.get(kind);
    if (rate !== undefined && known) {
      this.#meter.skip(rate * prompts.length);
      return repeated(known, arms, prompts.length, options.samples);
    }
    const program = this.#program(arms);
    const long = options.maxNewTokens > longCompletion && prompts.length > completedWhole;
    const timed = long
      ? await this.#completeLong(arms, prompts, size, options, signal)
      : await this.#completeWhole(arms, prompts, size, options, signal, this.#compiled.has(program));
    this.#compiled.add(program);
    if (timed.warm !== undefined) this.#meter.settle(kind, timed.warm);
    this.#meter.skip((timed.warm ?? timed.cold) * (prompts.length - timed.done));
    this.#samples.set(kind, timed.sample);
    return repeated(timed.sample, arms, prompts.length, options.samples);
  }

  async #completeWhole(
    arms: readonly string[],
    prompts: readonly ModelPrompt[],
    size: number,
    options: SamplingOptions,
    signal: AbortSignal | undefined,
    compiled: boolean,
  ): Promise<TimedCompletions> {
    const run = (some: readonly ModelPrompt[]) =>
      this.#meter.timed(() => this.#model.complete(arms, some, options, undefined, signal));
    const first = await run(prompts.slice(0, size));
    const cold = first.seconds / Math.min(size, prompts.length);
    const sample = first.result;
    if (compiled) return { sample, done: Math.min(size, prompts.length), cold, warm: cold };
    const next = prompts.slice(size, 2 * size);
    if (next.length < Math.min(size, 2)) {
      return { sample, done: Math.min(size, prompts.length), cold, warm: undefined };
    }
    const second = await run(next);
    return { sample, done: size + next.length, cold, warm: second.seconds / next.length };
  }

  /** A few prompts to their ends tell how long completions are, the first tokens of a full batch what a token costs. */
  async #completeLong(
    arms: readonly string[],
    prompts: readonly ModelPrompt[],
    size: number,
    options: SamplingOptions,
    signal: AbortSignal | undefined,
  ): Promise<TimedCompletions> {
    const sample = await this.#model.complete(arms, prompts.slice(0, completedWhole), options, undefined, signal);
    const length = sample.reduce((sum, { tokens }) => sum + tokens.length, 0) / Math.max(1, sample.length);
    const wide = prompts.slice(0, size);
    const short = { ...options, maxNewTokens: timedTokens };
    const { seconds } = await this.#meter.timed(() => this.#model.complete(arms, wide, short, undefined, signal));
    const warm = ((seconds / wide.length) * Math.max(1, length)) / timedTokens;
    this.#meter.skip(-seconds);
    return { sample, done: completedWhole, cold: warm, warm };
  }

  scores: OpenModel['nextTokenLogProbabilities'] = async (arms, prompts, visit, signal) => {
    const size = Math.max(1, Math.floor(scoreRows / arms.length));
    const kind = `scores ${this.#shape(arms)}`;
    const rate = this.#meter.rate(kind);
    const real = rate === undefined ? prompts.slice(0, size) : [];
    if (real.length > 0) {
      const { seconds } = await this.#meter.timed(() =>
        this.#model.nextTokenLogProbabilities(arms, real, visit, signal),
      );
      this.#meter.settle(kind, seconds / real.length);
    }
    this.#meter.skip((this.#meter.rate(kind) ?? 0) * (prompts.length - real.length));
    // A distribution over one token. Divergences between such distributions are 0 and cost nothing.
    const rows = arms.map(() => new Float32Array(1));
    for (let i = real.length; i < prompts.length; i++) visit(i, rows);
  };

  /**
   * Returns invented losses that fall from call to call. A rehearsal therefore includes no early stop and no
   * widened grid of learning rates.
   */
  losses: OpenModel['pairLosses'] = async (arms, pairs, signal) => {
    const results: (readonly { readonly nll: number; readonly tokens: number }[])[] = [];
    this.#loss *= 0.999;
    for (const arm of arms) {
      const kind = `losses ${this.#plans.get(arm)?.method ?? 'base'}`;
      const real = this.#meter.rate(kind) === undefined ? pairs.slice(0, scoreRows) : [];
      const { seconds } = await this.#meter.timed(() => this.#model.pairLosses([arm], real, signal));
      // Time is measured by the character, since neutral texts are longer than pairs.
      if (real.length > 0) this.#meter.settle(kind, seconds / letters(real));
      this.#meter.skip((this.#meter.rate(kind) ?? 0) * letters(pairs.slice(real.length)));
      results.push(pairs.map(() => ({ nll: this.#loss, tokens: 1 })));
    }
    return results;
  };

  async lens(arms: readonly string[], prompt: ModelPrompt, signal?: AbortSignal) {
    const kind = `lens ${arms.join()}`;
    const known = this.#lens.get(kind);
    if (known) {
      this.#meter.skip(this.#meter.rate(kind) ?? 0);
      return { ...known, prompt: promptText(prompt) };
    }
    const { result, seconds } = await this.#meter.timed(() => this.#model.lens(arms, prompt, signal));
    this.#meter.settle(kind, seconds);
    this.#lens.set(kind, result);
    return result;
  }

  /**
   * The program that decodes the arms: one for the base alone, one for adapters with the base, and one for whole
   * weights.
   */
  #program(arms: readonly string[]): string {
    return [...new Set(arms.map((arm) => this.#plans.get(arm)?.method ?? 'base'))].sort().at(-1) ?? 'base';
  }

  /** Groups of arms with the same shape (number of arms and sum of ranks, or a full arm) cost the same. */
  #shape(arms: readonly string[]): string {
    const plans = arms.map((arm) => this.#plans.get(arm));
    const ranks = plans.reduce((sum, plan) => sum + (plan?.method === 'lora' ? plan.rank : 0), 0);
    return `${arms.length} arms of ${ranks} ranks, ${plans.filter((plan) => plan?.method === 'full').length} full`;
  }
}

interface TimedCompletions {
  readonly sample: readonly Completion[];
  /** Number of prompts that were really completed. */
  readonly done: number;
  /** Seconds for each prompt: with compiling, and without it where that was timed. */
  readonly cold: number;
  readonly warm: number | undefined;
}

/** Repeats the completions of the sample for all prompts and arms. */
function repeated(
  sample: readonly Completion[],
  arms: readonly string[],
  prompts: number,
  samples: number,
): readonly Completion[] {
  const empty = { text: '', tokens: [] };
  return arms.flatMap((arm, place) =>
    Array.from({ length: prompts * samples }, (_, i): Completion => {
      const { text, tokens } = sample[(place * prompts * samples + i) % Math.max(1, sample.length)] ?? empty;
      return { arm, promptIndex: Math.floor(i / samples), sample: i % samples, text, tokens };
    }),
  );
}
