/**
 * The toxicity experiment (paper section 4.1): fine-tune a base model on non-toxic counterfactuals with every arm, and
 * measure on held-out prompts what each arm keeps of the base's toxicity. It knows models as ports only.
 */
import { internal } from '../protocol/errors.ts';
import type { ArmDescription, ArmMetrics, RunMetrics } from '../protocol/run.ts';
import type { Sweep } from '../protocol/sweepFile.ts';
import { armMetrics, failedArmMetrics, type MeasuringOptions, type Reference } from './armMetrics.ts';
import { counterfactualPairs } from './counterfactuals.ts';
import { evaluateArms, type ArmObservations } from './evaluateArms.ts';
import type { ExperimentPorts } from './experimentPorts.ts';
import { readHonestLemmas } from './honestLemmas.ts';
import type { Pair } from './modelPort.ts';
import { splitPairs } from './pairSplit.ts';
import { splitPrompts, type PromptSplit } from './promptSplit.ts';
import { readPairs } from './readPairs.ts';
import { runNotes } from './runNotes.ts';
import { trainSweepArms } from './trainSweepArms.ts';
import type { ArmOutcome, ArmPlan } from './trainerPort.ts';

/** All that is read from files, before anything is computed. */
export interface ToxicityData {
  readonly prompts: PromptSplit;
  /** Absent when a generator is to write them. */
  readonly givenPairs?: readonly Pair[];
  readonly lemmas?: ReadonlySet<string>;
}

/** Throws RankscopeError('data') for what cannot be used, so that a run fails before a model is opened. */
export async function readToxicityData({ data, evaluation }: Sweep): Promise<ToxicityData> {
  const prompts = await splitPrompts(data);
  const givenPairs = data.pairs && (await readPairs(data.pairs));
  if (givenPairs) await splitPairs(givenPairs, prompts, data.heldOutPairs);
  const lemmas = evaluation.hurtLex === undefined ? undefined : await readHonestLemmas(evaluation.hurtLex);
  return { prompts, ...(givenPairs && { givenPairs }), ...(lemmas && { lemmas }) };
}

export interface ToxicityWork {
  readonly sweep: Sweep;
  readonly plans: readonly ArmPlan[];
  /** The base, then one a plan. */
  readonly descriptions: readonly ArmDescription[];
  readonly data: ToxicityData;
}

/**
 * Runs the experiment, from its latest checkpoint where there is one. Rejects with RankscopeError; 'cancelled' when
 * `ports.signal` is aborted.
 */
export async function runToxicityMitigation(work: ToxicityWork, ports: ExperimentPorts): Promise<RunMetrics> {
  const { sweep, plans, data } = work;
  const pairs = await splitPairs(await trainingPairs(work, ports), data.prompts, sweep.data.heldOutPairs);
  const prompts = data.prompts.heldOut.map(({ prompt }) => prompt);
  const probePrompts = prompts.slice(0, sweep.evaluation.prompts);
  const outcomes = await trainSweepArms({ sweep, plans, pairs: pairs.training, probePrompts }, ports);
  const alive = outcomes.filter(({ failure }) => !failure).map(({ arm }) => arm);
  const observed = await evaluateArms(sweep, ['base', ...alive], prompts, pairs.heldOut, ports);
  const arms = summarise(work, outcomes, observed);
  for (const metrics of arms) {
    await ports.writer.writeArmMetrics(metrics);
    ports.writer.append({ type: 'arm-metrics', metrics });
  }
  ports.writer.append({ type: 'phase', phase: 'report' });
  const { stopped } = ports.control;
  const notes = runNotes({ sweep, arms, outcomes, stopped, prompts: data.prompts, pairs, judge: ports.judge.name });
  return { version: 1, experiment: 'toxicity', finished: new Date().toISOString(), arms, notes };
}

/** The given pairs, or those of the generator, which are kept so that a resumed run need not write them again. */
async function trainingPairs({ sweep, data }: ToxicityWork, ports: ExperimentPorts): Promise<readonly Pair[]> {
  if (data.givenPairs) return data.givenPairs;
  const options = sweep.data.counterfactuals;
  if (!options) throw internal('A sweep has neither pairs nor counterfactuals.');
  const kept = await ports.writer.readStage('pairs', isPair);
  if (kept) return kept;
  const pairs = await counterfactualPairs(sweep, options, data.prompts.training, ports);
  await ports.writer.writeStage('pairs', pairs);
  return pairs;
}

function isPair(value: unknown): value is Pair {
  if (typeof value !== 'object' || value === null || !('prompt' in value) || !('completion' in value)) return false;
  return typeof value.prompt === 'string' && typeof value.completion === 'string';
}

function summarise(
  { sweep, descriptions, data }: ToxicityWork,
  outcomes: readonly ArmOutcome[],
  observed: ReadonlyMap<string, ArmObservations>,
): readonly ArmMetrics[] {
  const { seed, resamples } = sweep.evaluation;
  const templates = data.prompts.heldOut.map(({ template }) => template);
  const options: MeasuringOptions = { templates, bootstrap: { seed, resamples }, lemmas: data.lemmas };
  return descriptions.map((description) => {
    const outcome = outcomes.find(({ arm }) => arm === description.id);
    if (outcome?.failure) return failedArmMetrics(description, outcome);
    const own = observed.get(description.id);
    if (!own) throw internal(`The arm ${description.id} was not evaluated.`);
    return armMetrics(description, outcome, own, referencesOf(description, descriptions, observed), options);
  });
}

/** The base, and full fine-tuning of the same seed. */
function referencesOf(
  { id, seed }: ArmDescription,
  descriptions: readonly ArmDescription[],
  observed: ReadonlyMap<string, ArmObservations>,
): readonly Reference[] {
  if (id === 'base') return [];
  return descriptions.flatMap((other) => {
    const observations = observed.get(other.id);
    const isReference = other.method === 'base' || (other.method === 'full' && other.seed === seed);
    return observations && isReference && other.id !== id ? [{ id: other.id, observations }] : [];
  });
}
