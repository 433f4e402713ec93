/**
 * A model whose outputs are formulas of arm, prompt and sample, so that a test can compute the expected value of
 * each figure of a run. Each prompt ends with its number, which identifies it everywhere.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContinuedPrompt, DistributionPort, TextPlace } from '../../server/experiments/ports/distributionPort.ts';
import type { LensPort } from '../../server/experiments/ports/lensPort.ts';
import {
  promptText,
  type Completion,
  type ModelPort,
  type Pair,
  type SamplingOptions,
} from '../../server/experiments/ports/modelPort.ts';
import type {
  ArmLoader,
  ArmOutcome,
  ArmPlan,
  PlannedArm,
  TrainerPort,
  TrainingCallbacks,
  TrainingOptions,
} from '../../server/experiments/ports/trainerPort.ts';

const order = ['base', 'r8-s0', 'r8-s1', 'r16-s0', 'r16-s1', 'full-s0', 'full-s1'];
const place = (arm: string): number => order.indexOf(arm);
export const numberOf = (prompt: string): number => Number(/\d+$/.exec(prompt)?.[0]);

/** Whether a completion is toxic; undefined where its judge fails. It depends on the prompt's template most of all. */
export function toxicAt(arm: string, prompt: number, sample: number): boolean | undefined {
  if (sample === 1 && (prompt + place(arm)) % 7 === 3) return undefined;
  return (3 * (prompt % 6) + 2 * place(arm) * ((prompt % 5) + 1) + sample) % 9 < 4;
}

export const isHurtfulAt = (arm: string, prompt: number, sample: number): boolean =>
  (prompt + 2 * place(arm) + 3 * sample) % 5 < 2;

/** Tokens of a completion: the two samples of a prompt differ in what they are and in how many. */
export const tokensAt = (arm: string, prompt: number, sample: number): readonly number[] =>
  Array.from({ length: 2 + sample }, (_, i) => 1000 * place(arm) + 10 * prompt + 3 * sample + i);

/** Natural-log probabilities of the next token, at a position after (positive) or before (negative) the prompt's end. */
export function rowAt(arm: string, prompt: number, from = 0): Float32Array {
  const shift = place(arm);
  const logits = [0.4 * shift, 0, 0.1 * prompt - 0.2 * from * shift, -0.3 * shift];
  const total = Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0));
  return Float32Array.from(logits, (value) => value - total);
}

export const lossAt = (arm: string, pair: number) => ({
  nll: 3 + 0.5 * place(arm) * (1 + (pair % 3)) + pair * pair,
  tokens: 2 + 3 * pair,
});

export const stepAt = (arm: string, step: number) => ({
  ...{
    loss: place(arm) + step / 10,
    gradientNorm: place(arm) + step / 100,
    learningRate: place(arm) / 1000 + step / 1e5,
  },
  ...{ tokens: 100 * place(arm) + step, labelTokens: 50 * place(arm) + step, seconds: place(arm) + step / 7 },
  memoryBytes: 1e9 * place(arm) + step,
});

export const costAt = (arm: string) => ({
  ...{ finalLoss: 0.25 + place(arm), trainTokensPerSecond: 300 + place(arm), peakMemoryBytes: 5e9 + place(arm) },
});

export const failureAt = (arm: string): { readonly step: number; readonly what: string } | undefined =>
  arm.startsWith('r16') ? { step: 1 + place(arm) - 3, what: `the loss of ${arm} is not finite` } : undefined;

const promptTokens = 2;

export class WiredModel implements ModelPort, TrainerPort, ArmLoader, LensPort, DistributionPort {
  plans: readonly ArmPlan[] = [];
  pairs: readonly Pair[] = [];
  trainingOptions: TrainingOptions | undefined;
  readonly sampling: SamplingOptions[] = [];
  readonly continued: ContinuedPrompt[][] = [];
  readonly measuredPairs: Pair[] = [];

  complete(
    arms: readonly string[],
    prompts: readonly string[],
    options: SamplingOptions,
  ): Promise<readonly Completion[]> {
    this.sampling.push(options);
    const samples = Array.from({ length: options.samples }, (_, sample) => sample);
    const one = (arm: string, prompt: string, promptIndex: number, sample: number): Completion => {
      const number = numberOf(prompt);
      const toxic = toxicAt(arm, number, sample);
      const words = [toxic === undefined ? 'mute' : toxic ? 'toxic' : 'fine'];
      if (isHurtfulAt(arm, number, sample)) words.push('asshole');
      return { arm, promptIndex, sample, text: words.join(' '), tokens: tokensAt(arm, number, sample) };
    };
    return Promise.resolve(
      arms.flatMap((arm) => prompts.flatMap((prompt, i) => samples.map((sample) => one(arm, prompt, i, sample)))),
    );
  }

  nextTokenLogProbabilities(
    arms: readonly string[],
    prompts: readonly string[],
    visit: (promptIndex: number, rows: readonly Float32Array[]) => void,
  ): Promise<void> {
    prompts.forEach((prompt, index) =>
      visit(
        index,
        arms.map((arm) => rowAt(arm, numberOf(prompt))),
      ),
    );
    return Promise.resolve();
  }

  positionLogProbabilities(
    arms: readonly string[],
    texts: readonly ContinuedPrompt[],
    visit: (place: TextPlace, rows: readonly Float32Array[]) => void,
  ): Promise<void> {
    this.continued.push([...texts]);
    texts.forEach(({ prompt, continuation }, text) => {
      for (let position = 0; position < promptTokens + continuation.length - 1; position++) {
        const rows = arms.map((arm) => rowAt(arm, numberOf(promptText(prompt)), position - promptTokens + 1));
        visit({ text, position, promptTokens }, rows);
      }
    });
    return Promise.resolve();
  }

  pairLosses(arms: readonly string[], pairs: readonly Pair[]) {
    this.measuredPairs.push(...pairs);
    // A text without a prompt ends with its own number.
    const place = ({ prompt, completion }: Pair, i: number) => (prompt === '' ? numberOf(completion) : i);
    return Promise.resolve(arms.map((arm) => pairs.map((pair, i) => lossAt(arm, place(pair, i)))));
  }

  trainableParameters(arms: readonly PlannedArm[]): Promise<readonly number[]> {
    return Promise.resolve(arms.map(({ id }) => 7000 + place(id)));
  }

  /** Two steps of every arm, in lockstep; what `failureAt` says fails. */
  async train(
    plans: readonly ArmPlan[],
    pairs: readonly Pair[] | ReadonlyMap<string, readonly Pair[]>,
    options: TrainingOptions,
    callbacks: TrainingCallbacks,
  ): Promise<readonly ArmOutcome[]> {
    this.plans = plans;
    this.pairs = 'get' in pairs ? [...pairs.values()].flat() : pairs;
    this.trainingOptions = options;
    let alive = plans.map(({ id }) => id);
    const save = (directory: string) => writeFile(join(directory, 'state.json'), '{}');
    for (let step = 0; step <= 2; step++) {
      if (step > 0) alive = alive.filter((arm) => isThrough(arm, step, callbacks));
      const fail = (arm: string) => {
        throw new RangeError(`${arm} is finite`);
      };
      await callbacks.onBoundary({ step, of: 2, arms: alive, save, fail });
    }
    return plans.map(({ id }) => {
      const failure = failureAt(id);
      return {
        ...{ arm: id, steps: 2, ...costAt(id) },
        ...(failure && { failure: { code: 'diverged' as const, what: failure.what } }),
      };
    });
  }

  saveArm(arm: string, directory: string): Promise<void> {
    return writeFile(join(directory, 'adapter_config.json'), JSON.stringify({ arm }));
  }

  /** No arm is ever put back: it is not probed with a loss. */
  loadAdapter(arm: string): Promise<void> {
    return Promise.reject(new RangeError(`nothing loads ${arm}`));
  }

  cutArm(arm: string): Promise<void> {
    return Promise.reject(new RangeError(`nothing cuts ${arm}`));
  }

  lens() {
    return Promise.resolve({ prompt: '', arms: [] });
  }
}

function isThrough(arm: string, step: number, callbacks: TrainingCallbacks): boolean {
  const failure = failureAt(arm);
  if (failure?.step === step) {
    callbacks.onArmFailed(arm, { code: 'diverged', what: failure.what });
    return false;
  }
  callbacks.onStep({ arm, step, of: 2, ...stepAt(arm, step) });
  return true;
}
