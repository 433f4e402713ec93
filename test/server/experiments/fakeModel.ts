/** A model of a few lines: an arm stops cursing after `cleanAfter` steps, and drifts from the base with every step. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  ContinuedPrompt,
  DistributionPort,
  TextPlace,
} from '../../../server/experiments/ports/distributionPort.ts';
import type { LensPort } from '../../../server/experiments/ports/lensPort.ts';
import type { Completion, ModelPort, Pair, SamplingOptions } from '../../../server/experiments/ports/modelPort.ts';
import type {
  ArmCutter,
  ArmLoader,
  ArmOutcome,
  ArmPlan,
  TrainerPort,
  TrainingCallbacks,
  TrainingOptions,
} from '../../../server/experiments/ports/trainerPort.ts';
import { RankscopeError, type ErrorDetails } from '../../../server/protocol/errors.ts';
import { BrokenArm } from '../../../server/protocol/finite.ts';
import type { LensResult } from '../../../server/protocol/run/lens.ts';

export type FakeQuestion = 'complete' | 'next' | 'positions' | 'losses' | 'lens';

export interface FakeOptions {
  /** Steps after which an arm is benign: of every arm, or by arm. */
  readonly cleanAfter?: number | Readonly<Record<string, number>>;
  /** This arm diverges at this step. */
  readonly diverges?: { readonly arm: string; readonly step: number };
  /** The numbers of this arm are not finite once it has had these steps, in what is asked of the model here. */
  readonly breaks?: { readonly arm: string; readonly steps: number; readonly in: FakeQuestion };
  /** Runs before every boundary is told, e.g. to cancel. */
  readonly beforeBoundary?: (step: number) => void | Promise<void>;
  /** What `complete` says, as a generator does; where it is undefined, the usual. */
  readonly answer?: (prompt: string) => string | undefined;
  /** The loss of an arm's last step by its steps so far; 0.5 unless given. An arm without pairs has none. */
  readonly finalLossOf?: (arm: string, steps: number) => number;
  /** Nats a token of a pair, by the arm's id, rate and steps; 2 / (1 + steps) unless given. */
  readonly lossOf?: (arm: { readonly id: string; readonly rate: number; readonly steps: number }) => number;
}

interface FakeState {
  readonly step: number;
  readonly stopped: readonly string[];
  /** Steps of each arm before this training began, and now. */
  readonly before: readonly (readonly [string, number])[];
  readonly steps: readonly (readonly [string, number])[];
}

export class FakeModel implements ModelPort, TrainerPort, ArmCutter, ArmLoader, LensPort, DistributionPort {
  readonly steps = new Map<string, number>();
  readonly trainedOn: Pair[] = [];
  /** Learning rate of each arm that was trained, by id. */
  readonly rates = new Map<string, number>();
  /** Ids and steps of each training. */
  readonly trainings: { readonly arms: readonly string[]; readonly steps: number }[] = [];
  /** The plans of each training. */
  readonly planned: (readonly ArmPlan[])[] = [];
  readonly completeCalls: { readonly arms: readonly string[]; readonly prompts: readonly string[] }[] = [];
  readonly cuts: { readonly arm: string; readonly rank: number }[] = [];
  readonly options: FakeOptions;

  constructor(options: FakeOptions = {}) {
    this.options = options;
  }

  complete(
    arms: readonly string[],
    prompts: readonly string[],
    { samples }: SamplingOptions,
    onProgress?: (progress: { done: number; total: number }) => void,
  ): Promise<readonly Completion[]> {
    this.completeCalls.push({ arms, prompts });
    const broken = this.brokenIn('complete', arms);
    if (broken) return Promise.reject(broken);
    onProgress?.({ done: 1, total: 1 });
    return Promise.resolve(
      arms.flatMap((arm) =>
        prompts.flatMap((prompt, promptIndex) =>
          Array.from({ length: samples }, (_, sample) => {
            return { arm, promptIndex, sample, text: this.textOf(arm, prompt), tokens: [sample] };
          }),
        ),
      ),
    );
  }

  private brokenIn(question: FakeQuestion, arms: readonly string[]): BrokenArm | undefined {
    const { breaks } = this.options;
    if (breaks?.in !== question || !arms.includes(breaks.arm)) return undefined;
    if (breaks.arm !== 'base' && (this.steps.get(breaks.arm) ?? 0) < breaks.steps) return undefined;
    return new BrokenArm(breaks.arm, 'a logit', `${question} 7`);
  }

  private textOf(arm: string, prompt: string): string {
    const { cleanAfter = 2 } = this.options;
    const needed = typeof cleanAfter === 'number' ? cleanAfter : (cleanAfter[arm] ?? 2);
    const clean = (this.steps.get(arm) ?? 0) >= needed;
    return this.options.answer?.(prompt) ?? (clean ? ' gardener.' : ' worthless asshole.');
  }

  nextTokenLogProbabilities(
    arms: readonly string[],
    prompts: readonly string[],
    visit: (promptIndex: number, rows: readonly Float32Array[]) => void,
  ): Promise<void> {
    const broken = this.brokenIn('next', arms);
    if (broken) return Promise.reject(broken);
    prompts.forEach((_, index) =>
      visit(
        index,
        arms.map((arm) => this.row(arm, index)),
      ),
    );
    return Promise.resolve();
  }

  /** A prompt is three tokens; its last position is that of `nextTokenLogProbabilities`, the others drift half as fast. */
  positionLogProbabilities(
    arms: readonly string[],
    texts: readonly ContinuedPrompt[],
    visit: (place: TextPlace, rows: readonly Float32Array[]) => void,
  ): Promise<void> {
    const broken = this.brokenIn('positions', arms);
    if (broken) return Promise.reject(broken);
    texts.forEach(({ continuation }, text) => {
      for (let position = 0; position < 3 + Math.max(0, continuation.length - 1); position++) {
        const drift = position === 2 ? 1 : 0.5;
        const rows = arms.map((arm) => this.row(arm, text, drift));
        visit({ text, position, promptTokens: 3 }, rows);
      }
    });
    return Promise.resolve();
  }

  private row(arm: string, index: number, drift = 1): Float32Array {
    const logits = [0.5 * drift * (this.steps.get(arm) ?? 0), 0, 0.1 * index];
    const total = Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0));
    return Float32Array.from(logits, (value) => value - total);
  }

  pairLosses(arms: readonly string[], pairs: readonly Pair[]) {
    const broken = this.brokenIn('losses', arms);
    if (broken) return Promise.reject(broken);
    const loss = (id: string): number => {
      const steps = this.steps.get(id) ?? 0;
      return this.options.lossOf?.({ id, rate: this.rates.get(id) ?? 0, steps }) ?? 2 / (1 + steps);
    };
    return Promise.resolve(arms.map((arm) => pairs.map(() => ({ nll: 2 * loss(arm), tokens: 2 }))));
  }

  trainableParameters(arms: readonly ArmPlan[]): Promise<readonly number[]> {
    return Promise.resolve(arms.map((plan) => (plan.method === 'lora' ? plan.rank * 10 : 10000)));
  }

  async train(
    arms: readonly ArmPlan[],
    pairs: readonly Pair[] | ReadonlyMap<string, readonly Pair[]>,
    options: TrainingOptions,
    callbacks: TrainingCallbacks,
  ): Promise<readonly ArmOutcome[]> {
    this.planned.push(arms);
    const pairsOf = (arm: string): readonly Pair[] => ('get' in pairs ? (pairs.get(arm) ?? []) : pairs);
    this.trainedOn.push(...('get' in pairs ? [...pairs.values()].flat() : pairs));
    const of = 'steps' in options.length ? options.length.steps : 4;
    this.trainings.push({ arms: arms.map(({ id }) => id), steps: of });
    for (const { id, learningRate } of arms) this.rates.set(id, learningRate);
    const resumed = options.resumeFrom === undefined ? undefined : await this.restore(options.resumeFrom);
    const begun = resumed?.step ?? 0;
    const done = new Map(resumed?.before ?? arms.map(({ id }) => [id, this.steps.get(id) ?? 0]));
    const trained = arms.map(({ id }) => id).filter((id) => pairsOf(id).length > 0);
    const halted = new Set(resumed?.stopped);
    let going = trained.filter((id) => !halted.has(id));
    const failures = new Map<string, ErrorDetails>();
    for (let step = begun; step <= of && trained.length > 0; step++) {
      if (step > begun)
        going = going.filter((arm) => this.step(arm, step, of, done.get(arm) ?? 0, failures, callbacks));
      await this.options.beforeBoundary?.(step);
      const save = (directory: string, stopped: readonly string[] = []) =>
        writeFile(
          join(directory, 'state.json'),
          JSON.stringify({ step, stopped: [...halted, ...stopped], before: [...done], steps: [...this.steps] }),
        );
      const fail = (arm: string, reason: ErrorDetails): void => void failures.set(arm, reason);
      const { stop } = await callbacks.onBoundary({ step, of, arms: going, save, fail });
      for (const arm of stop) halted.add(arm);
      going = going.filter((arm) => !stop.includes(arm) && !failures.has(arm));
      if (callbacks.signal?.aborted) throw new RankscopeError({ code: 'cancelled', what: 'cancelled' });
    }
    return arms.map(({ id }) => {
      const failure = failures.get(id);
      return {
        arm: id,
        steps: trained.includes(id) ? (this.steps.get(id) ?? 0) - (done.get(id) ?? 0) : 0,
        ...(trained.includes(id) && { finalLoss: this.options.finalLossOf?.(id, this.steps.get(id) ?? 0) ?? 0.5 }),
        trainTokensPerSecond: 100,
        ...(failure && { failure }),
        ...(halted.has(id) && { stopped: true }),
      };
    });
  }

  private step(
    arm: string,
    step: number,
    of: number,
    before: number,
    failures: Map<string, ErrorDetails>,
    callbacks: TrainingCallbacks,
  ): boolean {
    const { diverges } = this.options;
    if (diverges?.arm === arm && diverges.step === step) {
      const reason = new RankscopeError({ code: 'diverged', what: `the loss of ${arm} is not finite` });
      failures.set(arm, reason.details);
      callbacks.onArmFailed(arm, reason.details);
      return false;
    }
    this.steps.set(arm, before + step);
    const fixed = { gradientNorm: 1, learningRate: 1e-4, tokens: 8, labelTokens: 4, seconds: 0.1, memoryBytes: 1 };
    callbacks.onStep({ arm, step, of, loss: 1 / step, ...fixed });
    return true;
  }

  private async restore(directory: string): Promise<FakeState> {
    const state = JSON.parse(await readFile(join(directory, 'state.json'), 'utf8')) as FakeState;
    for (const [arm, steps] of state.steps) this.steps.set(arm, steps);
    return state;
  }

  /** One token a word, two layers; the last differs from the base by the steps of the arm. */
  lens(arms: readonly string[], prompt: string): Promise<LensResult> {
    const broken = this.brokenIn('lens', arms);
    if (broken) return Promise.reject(broken);
    const tokens = prompt.split(' ');
    const layerOf = (arm: string, layer: number) =>
      tokens.map((_, p) => {
        const row = this.row(layer === 0 ? 'base' : arm, p);
        const top = Array.from(row, (value, id) => ({ id, token: `t${id}`, probability: Math.exp(value) }));
        const kl = 0.1 * (this.steps.get(arm) ?? 0) * layer;
        return {
          top: top.sort((a, b) => b.probability - a.probability),
          entropy: -row.reduce((sum, value) => sum + value * Math.exp(value), 0),
          ...(arm !== 'base' && { kl }),
        };
      });
    return Promise.resolve({
      prompt,
      arms: arms.map((arm) => ({ arm, tokens, layers: [layerOf(arm, 0), layerOf(arm, 1)] })),
    });
  }

  async saveArm(arm: string, directory: string): Promise<void> {
    await writeFile(join(directory, 'adapter_config.json'), JSON.stringify({ arm, steps: this.steps.get(arm) }));
  }

  /** It is as clean as the arm that it is cut from. */
  async cutArm(arm: string, rank: number, directory: string): Promise<void> {
    this.cuts.push({ arm, rank });
    await this.saveArm(arm, directory);
  }

  async loadAdapter(arm: string, directory: string): Promise<void> {
    const saved = JSON.parse(await readFile(join(directory, 'adapter_config.json'), 'utf8')) as { steps: number };
    this.steps.set(arm, saved.steps);
  }
}
