/** Reads the question and the judge of a sweep, and opens the model that the question is about. */
import { availableParallelism } from 'node:os';
import { experimentOf } from '../../experiments/experiments.ts';
import type { ResolvedArm, ResolvedSweep } from '../../experiments/resolveSweep.ts';
import type { BegunArms, HeadQuestion, Question, RunPorts } from '../../experiments/sweep/experiment.ts';
import { createJudge } from '../../judges/createJudge.ts';
import type { JudgeModels } from '../../judges/judgeBuilders.ts';
import type { Judge } from '../../judges/judge/judge.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { AnySweep } from '../../protocol/sweep/experiments.ts';
import { judgeKindOf, singleJudges, type JudgeSpec } from '../../protocol/sweep/judgeSpec.ts';
import type { Precision } from '../../protocol/sweep/precision.ts';
import type { RunMetrics } from '../../protocol/run/run.ts';
import type { RunStore } from '../../runs/runStore.ts';
import { isBlocked } from '../../engine/models/weightLayout.ts';
import type { EngineHost, OpenModel, OpenOptions } from '../host/engineHost.ts';
import { loadingEvents } from './loadingEvents.ts';
import { openChecked } from './precisionCheck.ts';
import type { SweepControl } from './sweepControl.ts';

/** A question, and the judge of an experiment that asks one. */
export interface JudgedQuestion {
  readonly question: Question;
  readonly judge?: Judge;
}

/** Reads a sweep's files. Faults in them are found here, before a model is opened. */
export async function readQuestion(sweep: AnySweep, models: JudgeModels): Promise<JudgedQuestion> {
  const experiment = experimentOf(sweep);
  const spec = experiment.judge?.(sweep);
  if (!spec) return { question: await experiment.read(sweep) };
  const judge = await createJudge(spec, models);
  const question = await experiment.read(sweep);
  const [first] = question.heldOutPrompts();
  if (first !== undefined && asksElsewhere(spec)) await assertJudges(judge, first);
  return { question, judge };
}

/** Whether a judge of the specification calls a network service, which may be unreachable or refuse. */
function asksElsewhere(spec: JudgeSpec): boolean {
  return singleJudges(spec).some((one) => judgeKindOf(one).usesNetwork);
}

/**
 * Throws RankscopeError('judge') where the judge cannot judge a test text, since it would fail after the training
 * as well.
 */
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
  /** SHA-256 (hex) of the base's other files, by their names. */
  readonly fileHashes: OpenModel['fileHashes'];
  readonly device: string;
  readonly deviceChoice?: OpenModel['deviceChoice'];
  /** The sweep with what only its model settles. */
  readonly sweep: AnySweep;
  /** What weights of few bits cost the base. */
  readonly precision?: Precision | undefined;
  trainableParameters(plans: readonly ResolvedArm[]): Promise<readonly number[]>;
  run(asking: Asking): Promise<RunMetrics>;
  dispose(): Promise<void>;
}

/** The context of a question: the arms, the run's folder, and the control that can pause training. */
interface Asking {
  readonly plans: readonly ResolvedArm[];
  readonly cuts: ResolvedSweep['cuts'];
  readonly store: RunStore;
  readonly control: SweepControl;
  readonly signal: AbortSignal;
}

/** Opens the sweep's model: a causal model, or an encoder for a question that a class head answers. */
export async function openQuestion(
  asked: JudgedQuestion,
  host: EngineHost,
  signal: AbortSignal,
  onProgress?: OpenOptions['onProgress'],
): Promise<OpenQuestion> {
  const { question } = asked;
  const { model: reference, device, threads, weights, lowMemory, weightsKl } = question.sweep;
  const options = { device, threads, weights, lowMemory, signal, ...(onProgress && { onProgress }) };
  if (question.byHead && (await isEncoder(reference, host, signal))) {
    return openWithHead(asked, question.byHead, host, options);
  }
  const { model, precision } = await openChecked(
    framingHost(host, question),
    reference,
    options,
    question.heldOutPrompts(),
    weightsKl,
  );
  try {
    for (const texts of question.texts(model)) model.check(texts);
  } catch (error) {
    await model.dispose();
    throw error;
  }
  return {
    precision,
    sweep: question.settled?.(model) ?? question.sweep,
    hash: model.hash,
    fileHashes: model.fileHashes,
    device: model.device,
    deviceChoice: model.deviceChoice,
    trainableParameters: (plans) => model.trainableParameters(plans),
    run: (asking) => question.run(model, begunArms(asking), runPorts(asked, host, asking)),
    dispose: () => model.dispose(),
  };
}

/** The host, whose models are asked as the question puts it. */
function framingHost(host: EngineHost, { framed }: Question): EngineHost {
  return framed ? { ...host, openModel: async (...asked) => framed(await host.openModel(...asked)) } : host;
}

/** Whether a model decides between classes by a head of its own. */
export async function isEncoder(reference: string, host: EngineHost, signal: AbortSignal): Promise<boolean> {
  return (await host.describeModel(reference, signal)).task === 'sequence-classification';
}

async function openWithHead(
  asked: JudgedQuestion,
  { freshHead, run }: HeadQuestion,
  host: EngineHost,
  options: OpenOptions,
): Promise<OpenQuestion> {
  const { model: reference, threads } = asked.question.sweep;
  const classifier = await host.openSequenceClassifier(reference, { ...options, ...(freshHead && { freshHead }) });
  return {
    sweep: asked.question.sweep,
    hash: classifier.hash,
    fileHashes: classifier.fileHashes,
    device: `cpu (${threads > 0 ? threads : availableParallelism()} threads)`,
    trainableParameters: (plans) => classifier.trainableParameters(plans),
    run: (asking) => run(classifier, begunArms(asking), runPorts(asked, host, asking)),
    dispose: () => classifier.dispose(),
  };
}

function begunArms({ plans, cuts, store }: Asking): BegunArms {
  return { plans, cuts, descriptions: store.record.arms };
}

function runPorts(
  { question: { sweep }, judge }: JudgedQuestion,
  host: EngineHost,
  { store, control, signal }: Asking,
): RunPorts {
  const { device, threads, lowMemory } = sweep;
  // The generator is not measured, so that there is no divergence to limit. It is opened without weights of few
  // bits.
  const weights = isBlocked(sweep.weights) ? 'auto' : sweep.weights;
  const onProgress = loadingEvents((event) => void store.append(event));
  const openGenerator = async (reference: string): Promise<OpenModel> => {
    const generator = await host.openModel(reference, { device, threads, weights, lowMemory, signal, onProgress });
    try {
      await store.noteModel('generator', generator);
    } catch (error) {
      await generator.dispose();
      throw error;
    }
    return generator;
  };
  return { judge, openGenerator, writer: store, control, signal };
}
