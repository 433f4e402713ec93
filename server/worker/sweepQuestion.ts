/** What a sweep asks, with all that is read from files for it, and how it is asked of an opened model. */
import { causalLabelModel } from '../experiments/causalLabelModel.ts';
import { readClassificationData, type ClassificationData } from '../experiments/classificationData.ts';
import { runClassificationFairness } from '../experiments/classificationFairness.ts';
import type { ResolvedSweep } from '../experiments/resolveSweep.ts';
import { readToxicityData, runToxicityMitigation, type ToxicityData } from '../experiments/toxicityMitigation.ts';
import { createJudge, type JudgeModels } from '../judges/createJudge.ts';
import type { Judge } from '../judges/judge.ts';
import type { ClassificationSweep } from '../protocol/classificationSweep.ts';
import type { RunMetrics } from '../protocol/run.ts';
import type { AnySweep, Sweep } from '../protocol/sweepFile.ts';
import type { RunStore } from '../runs/runStore.ts';
import type { EngineHost, OpenModel } from './engineHost.ts';
import type { SweepControl } from './sweepControl.ts';

export type Question =
  | { readonly experiment: 'toxicity'; readonly sweep: Sweep; readonly judge: Judge; readonly data: ToxicityData }
  | { readonly experiment: 'classification'; readonly sweep: ClassificationSweep; readonly data: ClassificationData };

/** Reads a sweep's files. What is wrong with them is found here, before a model is opened. */
export async function readQuestion(sweep: AnySweep, models: JudgeModels): Promise<Question> {
  if (sweep.experiment === 'classification') {
    return { experiment: 'classification', sweep, data: await readClassificationData(sweep) };
  }
  return {
    experiment: 'toxicity',
    sweep,
    judge: await createJudge(sweep.judge, models),
    data: await readToxicityData(sweep),
  };
}

/** What is opened for a question. */
export interface OpenQuestion {
  /** SHA-256 of the base's weights, hex. */
  readonly hash: string;
  readonly device: string;
  trainableParameters(plans: ResolvedSweep['arms']): Promise<readonly number[]>;
  run(asking: Asking): Promise<RunMetrics>;
  dispose(): Promise<void>;
}

/** Where a question is asked: the run's folder, and the hand that may hold it. */
export interface Asking {
  readonly plans: ResolvedSweep['arms'];
  readonly store: RunStore;
  readonly control: SweepControl;
  readonly signal: AbortSignal;
}

export async function openQuestion(question: Question, host: EngineHost, signal: AbortSignal): Promise<OpenQuestion> {
  const { model: reference, device, threads } = question.sweep;
  const model = await host.openModel(reference, { device, threads, signal });
  return {
    hash: model.hash,
    device: model.device,
    trainableParameters: (plans) => model.trainableParameters(plans),
    run: (asking) =>
      question.experiment === 'toxicity'
        ? askToxicity(question, model, host, asking)
        : askClassification(question, model, asking),
    dispose: () => model.dispose(),
  };
}

function askToxicity(
  { sweep, judge, data }: Extract<Question, { experiment: 'toxicity' }>,
  model: OpenModel,
  host: EngineHost,
  { plans, store, control, signal }: Asking,
): Promise<RunMetrics> {
  const { device, threads } = sweep;
  const openGenerator = (reference: string): Promise<OpenModel> =>
    host.openModel(reference, { device, threads, signal });
  const ports = { model, judge, openGenerator, writer: store, control, signal };
  return runToxicityMitigation({ sweep, plans, descriptions: store.record.arms, data }, ports);
}

function askClassification(
  { sweep, data }: Extract<Question, { experiment: 'classification' }>,
  model: OpenModel,
  { store, control, signal }: Asking,
): Promise<RunMetrics> {
  const ports = { model: causalLabelModel(model, sweep), writer: store, control, signal };
  return runClassificationFairness({ sweep, descriptions: store.record.arms, data }, ports);
}
