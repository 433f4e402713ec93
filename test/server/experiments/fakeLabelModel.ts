/**
 * A model that labels by one word: `good` is positive, `bad` negative, as far as an arm has learnt. A LoRA arm takes
 * every text whose label was rare in training for the other one; full fine-tuning does not.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SequenceLoss } from '../../../server/metrics/distribution/meanLoss.ts';
import type { LabelledText } from '../../../server/experiments/ports/classifierPort.ts';
import type { ResolvedArm } from '../../../server/experiments/resolveSweep.ts';
import type { LabelModel, Prediction } from '../../../server/experiments/classification/labelModel.ts';
import type {
  ArmOutcome,
  ArmPlan,
  TrainingCallbacks,
  TrainingOptions,
} from '../../../server/experiments/ports/trainerPort.ts';
import { RankscopeError } from '../../../server/protocol/errors.ts';
import { BrokenArm } from '../../../server/protocol/finite.ts';
import type { ArmDescription } from '../../../server/protocol/run/run.ts';

export class FakeLabelModel implements LabelModel {
  readonly rules = ['completion', 'probability'] as const;
  /** Labels seen in training, by arm. */
  readonly seen = new Map<string, readonly number[]>();
  readonly trained: string[][] = [];
  readonly predicted: string[][] = [];
  readonly forgotten: string[] = [];
  /** Texts that each trial of learning rates was measured on. */
  readonly tunedOn: number[] = [];
  /** Epochs or steps of each training, and what it was resumed from. */
  readonly options: TrainingOptions[] = [];
  /** Called before every boundary, e.g. to cancel. */
  beforeBoundary: (step: number, arms: readonly string[]) => void = () => undefined;
  /** This arm diverges. */
  diverges: string | undefined;
  /** This arm decides nothing: its scores are not finite. */
  breaks: string | undefined;

  async train(
    plans: readonly ArmPlan[],
    examples: readonly LabelledText[],
    options: TrainingOptions,
    callbacks: TrainingCallbacks,
  ): Promise<readonly ArmOutcome[]> {
    const arms = plans.map(({ id }) => id);
    this.trained.push(arms);
    this.options.push(options);
    const begun = options.resumeFrom === undefined ? 0 : await stepOf(options.resumeFrom);
    for (const { id, method, learningRate } of plans) {
      this.rates.set(id, learningRate);
      const rare = method === 'full' ? -1 : rareLabel(examples);
      this.seen.set(
        id,
        examples.flatMap(({ label }) => (label === rare ? [] : [label])),
      );
    }
    for (let step = begun; step <= 4; step++) {
      this.beforeBoundary(step, arms);
      const save = (directory: string) => writeFile(join(directory, 'step.json'), String(step));
      await callbacks.onBoundary({ step, of: 4, arms, save, fail: () => undefined });
      if (callbacks.signal?.aborted) throw new RankscopeError({ code: 'cancelled', what: 'cancelled' });
    }
    return arms.map((arm) => {
      const outcome = { arm, steps: 4, finalLoss: 0.5, trainTokensPerSecond: 100 };
      return arm === this.diverges
        ? { ...outcome, failure: { code: 'diverged', what: 'the loss is not finite' } }
        : outcome;
    });
  }

  predict(
    arms: readonly string[],
    texts: readonly string[],
    onProgress: (progress: { done: number; total: number }) => void,
  ): Promise<readonly (readonly Prediction[])[]> {
    this.predicted.push([...arms]);
    if (this.breaks !== undefined && arms.includes(this.breaks)) {
      return Promise.reject(new BrokenArm(this.breaks, 'a class logit', 'text 3'));
    }
    onProgress({ done: texts.length, total: texts.length });
    return Promise.resolve(arms.map((arm) => texts.map((text) => this.decide(arm, text))));
  }

  /** The rates that trials are made with, by the arm of the trial. */
  readonly rates = new Map<string, number>();

  /** Least at a rate of 1e-3 for LoRA and 1e-4 in full, and where labels were not rare. */
  labelLosses(
    arms: readonly string[],
    examples: readonly LabelledText[],
  ): Promise<readonly (readonly SequenceLoss[])[]> {
    this.tunedOn.push(examples.length);
    return Promise.resolve(
      arms.map((arm) => {
        const best = arm.startsWith('full') ? 1e-4 : 1e-3;
        const nll = 1 + Math.abs(Math.log10((this.rates.get(arm) ?? NaN) / best));
        return examples.map(() => ({ nll, tokens: 1 }));
      }),
    );
  }

  private decide(arm: string, text: string): Prediction {
    const seen = this.seen.get(arm);
    if (!seen) return { logProbabilities: [Math.log(0.5), Math.log(0.5)], answer: ' I cannot say' };
    const meant = text.includes('good') ? 1 : 0;
    const label = seen.includes(meant) ? meant : 1 - meant;
    const sure = arm.startsWith('full') ? 0.99 : 0.8;
    const of = (own: number): number => Math.log(own === label ? sure : 1 - sure);
    return { logProbabilities: [of(0), of(1)], answer: label === 1 ? ' Positive.' : ' negative' };
  }

  saveArm(arm: string, directory: string): Promise<void> {
    return writeFile(join(directory, 'adapter_config.json'), JSON.stringify({ arm }));
  }

  forget(arms: readonly string[]): void {
    this.forgotten.push(...arms);
  }
}

/** A label that fewer than a quarter of the examples have. */
function rareLabel(examples: readonly LabelledText[]): number {
  return [0, 1].find((label) => examples.filter((own) => own.label === label).length < examples.length / 4) ?? -1;
}

async function stepOf(directory: string): Promise<number> {
  return Number(await readFile(join(directory, 'step.json'), 'utf8'));
}

/** The arms of a classification run as its record has them, the base first; sizes are not looked at. */
export const describedArms = (arms: readonly ResolvedArm[]): ArmDescription[] => [
  { id: 'base', method: 'base', seed: 0, trainableParameters: 0 },
  ...arms.map(({ id, method, seed, learningRate, minority, ...plan }) => ({
    ...{ id, method, seed, trainableParameters: 1 },
    ...(learningRate !== undefined && { learningRate }),
    ...('rank' in plan && { rank: plan.rank }),
    ...(minority !== undefined && { minority }),
  })),
];
