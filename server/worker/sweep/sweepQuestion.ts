/** What a sweep asks, with all that is read from files for it, and how it is asked of an opened model. */
import { availableParallelism } from 'node:os';
import { askFor, causalLabelModel } from '../../experiments/classification/causalLabelModel.ts';
import {
  readClassificationData,
  type ClassificationData,
} from '../../experiments/classification/classificationData.ts';
import { runClassificationFairness } from '../../experiments/classification/classificationFairness.ts';
import { headLabelModel } from '../../experiments/classification/headLabelModel.ts';
import type { LabelModel } from '../../experiments/classification/labelModel.ts';
import type { ResolvedSweep } from '../../experiments/sweep/resolveSweep.ts';
import {
  readToxicityData,
  runToxicityMitigation,
  type ToxicityData,
} from '../../experiments/toxicity/toxicityMitigation.ts';
import { createJudge, type JudgeModels } from '../../judges/createJudge.ts';
import type { Judge } from '../../judges/judge/judge.ts';
import type { ClassificationSweep } from '../../protocol/classificationSweep.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { Precision } from '../../protocol/precision.ts';
import type { RunMetrics } from '../../protocol/run.ts';
import type { AnySweep } from '../../protocol/experiments.ts';
import type { ToxicitySweep } from '../../protocol/toxicitySweep.ts';
import type { RunStore } from '../../runs/runStore.ts';
import { isBlocked } from '../../engine/models/weightLayout.ts';
import type { AskedTexts, EngineHost, OpenModel, OpenOptions } from '../host/engineHost.ts';
import { loadingEvents } from './loadingEvents.ts';
import { openChecked } from './precisionCheck.ts';
import type { SweepControl } from './sweepControl.ts';

/** Name of the generator's hash in a run's record, which gets it when the generator is first opened. */
export const generatorHash = 'generator';

export type Question =
  | {
      readonly experiment: 'toxicity';
      readonly sweep: ToxicitySweep;
      readonly judge: Judge;
      readonly data: ToxicityData;
    }
  | { readonly experiment: 'classification'; readonly sweep: ClassificationSweep; readonly data: ClassificationData };

/** Reads a sweep's files. What is wrong with them is found here, before a model is opened. */
export async function readQuestion(sweep: AnySweep, models: JudgeModels): Promise<Question> {
  if (sweep.experiment === 'classification') {
    return { experiment: 'classification', sweep, data: await readClassificationData(sweep) };
  }
  const judge = await createJudge(sweep.judge, models);
  const data = await readToxicityData(sweep);
  const [first] = data.prompts.heldOut;
  if (first && asksElsewhere(sweep.judge)) await assertJudges(judge, first.prompt);
  return { experiment: 'toxicity', sweep, judge, data };
}

/** Whether a judge of the specification asks a service, which may be out of reach or refuse. */
function asksElsewhere(spec: ToxicitySweep['judge']): boolean {
  return spec.kind === 'endpoint' || (spec.kind === 'combined' && spec.judges.some(({ kind }) => kind === 'endpoint'));
}

/** Throws RankscopeError('judge') where a judge has no verdict on a text: it would have none after the training either. */
async function assertJudges(judge: Judge, text: string): Promise<void> {
  const [verdict] = await judge.judge([{ text }]);
  if (verdict?.kind !== 'unjudged') return;
  throw new RankscopeError({
    code: 'judge',
    what: `The judge ${judge.name} does not judge: ${verdict.reason}`,
    remedy: 'See that its service answers before the sweep is trained, or choose another judge.',
  });
}

/** What is opened for a question. */
export interface OpenQuestion {
  /** SHA-256 of the base's weights, hex. */
  readonly hash: string;
  readonly device: string;
  readonly deviceChoice?: OpenModel['deviceChoice'];
  /** What weights of few bits cost the base. */
  readonly precision?: Precision | undefined;
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

/** Opens the sweep's model: a causal one, or for a question about labels an encoder with a head. */
export async function openQuestion(
  question: Question,
  host: EngineHost,
  signal: AbortSignal,
  onProgress?: OpenOptions['onProgress'],
): Promise<OpenQuestion> {
  const { model: reference } = question.sweep;
  if (question.experiment === 'classification' && (await isEncoder(reference, host, signal))) {
    return openWithHead(question, host, signal, onProgress);
  }
  const { device, threads, weights, lowMemory, weightsKl } = question.sweep;
  const options = { device, threads, weights, lowMemory, signal, ...(onProgress && { onProgress }) };
  const { model, precision } = await openChecked(host, reference, options, heldOutPrompts(question), weightsKl);
  try {
    for (const texts of askedTexts(question)) model.check(texts);
  } catch (error) {
    await model.dispose();
    throw error;
  }
  return {
    precision,
    hash: model.hash,
    device: model.device,
    deviceChoice: model.deviceChoice,
    trainableParameters: (plans) => model.trainableParameters(plans),
    run: (asking) =>
      question.experiment === 'toxicity'
        ? askToxicity(question, model, host, asking)
        : askClassification(question, causalLabelModel(model, question.sweep), asking),
    dispose: () => model.dispose(),
  };
}

/** A question as far as its texts go. */
type AskedQuestion =
  | { readonly experiment: 'toxicity'; readonly sweep: ToxicitySweep; readonly data: ToxicityData }
  | { readonly experiment: 'classification'; readonly sweep: ClassificationSweep; readonly data: ClassificationData };

/** What the model is asked about in this question's evaluation. */
function heldOutPrompts(question: AskedQuestion): readonly string[] {
  if (question.experiment === 'toxicity') return question.data.prompts.heldOut.map(({ prompt }) => prompt);
  const { data, instruction } = question.sweep;
  const words = data.labels.map(({ word }) => word);
  return question.data.test.map(({ text }) => askFor(instruction, words, text));
}

/** All that the model will be asked about: what it cannot read is found before anything is trained. */
export function askedTexts(question: AskedQuestion): readonly AskedTexts[] {
  const prompts = heldOutPrompts(question);
  const { appendEos } = question.sweep.training;
  if (question.experiment === 'classification') {
    const { completions, maxNewTokens } = question.sweep.evaluation;
    return [{ prompts, maxNewTokens: completions ? maxNewTokens : 0, appendEos }];
  }
  const { sweep, data } = question;
  const { maxNewTokens } = sweep.generation;
  const training = sweep.data.counterfactuals ? data.prompts.training.map(({ prompt }) => prompt) : [];
  return [
    { prompts: [...prompts, ...training], maxNewTokens, pairs: data.givenPairs ?? [], appendEos },
    { prompts: sweep.evaluation.lens, maxNewTokens: 0, appendEos },
  ];
}

/** Whether a model decides between classes by a head of its own. */
export async function isEncoder(reference: string, host: EngineHost, signal: AbortSignal): Promise<boolean> {
  return (await host.describeModel(reference, signal)).task === 'sequence-classification';
}

async function openWithHead(
  question: Extract<Question, { experiment: 'classification' }>,
  host: EngineHost,
  signal: AbortSignal,
  onProgress?: OpenOptions['onProgress'],
): Promise<OpenQuestion> {
  const { sweep } = question;
  const { model: reference, device, threads, weights, lowMemory, data, training } = sweep;
  const freshHead = { labels: data.labels.map(({ word }) => word), seed: training.seed };
  const head = sweep.head === 'fresh' ? { freshHead } : {};
  const options = { device, threads, weights, lowMemory, signal, ...(onProgress && { onProgress }) };
  const classifier = await host.openSequenceClassifier(reference, { ...options, ...head });
  return {
    hash: classifier.hash,
    device: `cpu (${threads > 0 ? threads : availableParallelism()} threads)`,
    trainableParameters: (plans) => classifier.trainableParameters(plans),
    run: (asking) => askClassification(question, headLabelModel(classifier, sweep), asking),
    dispose: () => classifier.dispose(),
  };
}

function askToxicity(
  { sweep, judge, data }: Extract<Question, { experiment: 'toxicity' }>,
  model: OpenModel,
  host: EngineHost,
  { plans, store, control, signal }: Asking,
): Promise<RunMetrics> {
  const { device, threads, lowMemory } = sweep;
  // Of the generator nothing is measured that few bits could be held against.
  const weights = isBlocked(sweep.weights) ? 'auto' : sweep.weights;
  const onProgress = loadingEvents((event) => void store.append(event));
  const openGenerator = async (reference: string): Promise<OpenModel> => {
    const generator = await host.openModel(reference, { device, threads, weights, lowMemory, signal, onProgress });
    try {
      await store.noteHash(generatorHash, generator.hash);
    } catch (error) {
      await generator.dispose();
      throw error;
    }
    return generator;
  };
  const ports = { model, judge, openGenerator, writer: store, control, signal };
  return runToxicityMitigation({ sweep, plans, descriptions: store.record.arms, data }, ports);
}

function askClassification(
  { sweep, data }: Extract<Question, { experiment: 'classification' }>,
  model: LabelModel,
  { store, control, signal }: Asking,
): Promise<RunMetrics> {
  const ports = { model, writer: store, control, signal };
  return runClassificationFairness({ sweep, descriptions: store.record.arms, data }, ports);
}
