/**
 * The toxicity experiment (paper section 4.1): fine-tune a base model on non-toxic counterfactuals with every arm, and
 * measure on held-out prompts what each arm keeps of the base's toxicity. It knows models as ports only.
 */
import { internal } from '../../protocol/errors.ts';
import type { LensResult } from '../../protocol/lens.ts';
import type { ArmDescription, ArmMetrics, RoundResult, RunMetrics } from '../../protocol/run.ts';
import type { Sweep } from '../../protocol/sweepFile.ts';
import { armMetrics, failedArmMetrics, type MeasuringOptions, type Reference } from './armMetrics.ts';
import { counterfactualPairs } from './counterfactuals.ts';
import { evaluateArms, type ArmObservations } from './evaluateArms.ts';
import type { ExperimentPorts } from '../ports/experimentPorts.ts';
import { readHonestLemmas } from '../data/honestLemmas.ts';
import { trainInRounds, type TrainedRounds } from './mitigationRounds.ts';
import type { Pair } from '../ports/modelPort.ts';
import { isPair } from '../data/pairLines.ts';
import { splitPairs } from '../data/pairSplit.ts';
import { splitPrompts } from '../data/promptSplit.ts';
import { readPairs } from '../data/readPairs.ts';
import { runNotes } from '../sweep/runNotes.ts';
import type { ToxicityData, ToxicityWork } from './toxicityWork.ts';
import type { ArmOutcome } from '../ports/trainerPort.ts';

export type { ToxicityData, ToxicityWork } from './toxicityWork.ts';

/** Throws RankscopeError('data') for what cannot be used, so that a run fails before a model is opened. */
export async function readToxicityData({ data, evaluation }: Sweep): Promise<ToxicityData> {
  const prompts = await splitPrompts(data);
  const givenPairs = data.pairs && (await readPairs(data.pairs));
  if (givenPairs) await splitPairs(givenPairs, prompts, data.heldOutPairs);
  const lemmas = evaluation.hurtLex === undefined ? undefined : await readHonestLemmas(evaluation.hurtLex);
  return { prompts, ...(givenPairs && { givenPairs }), ...(lemmas && { lemmas }) };
}

/**
 * Runs the experiment, from its latest checkpoint where there is one. Rejects with RankscopeError; 'cancelled' when
 * `ports.signal` is aborted.
 */
export async function runToxicityMitigation(work: ToxicityWork, ports: ExperimentPorts): Promise<RunMetrics> {
  const { sweep, data } = work;
  const pairs = await splitPairs(await trainingPairs(work, ports), data.prompts, sweep.data.heldOutPairs);
  const prompts = data.prompts.heldOut.map(({ prompt }) => prompt);
  const measuring = measuringOptions(work);
  const trained = await trainInRounds({ ...work, pairs: pairs.training, measuring }, ports);
  const { outcomes } = trained;
  const alive = outcomes.filter(({ failure }) => !failure).map(({ arm }) => arm);
  const observed = await evaluateArms(sweep, ['base', ...alive], prompts, pairs.heldOut, ports);
  const arms = summarise(work, outcomes, observed, measuring);
  for (const metrics of arms) {
    await ports.writer.writeArmMetrics(metrics);
    ports.writer.append({ type: 'arm-metrics', metrics });
  }
  await keepLenses(sweep, ['base', ...alive], ports);
  ports.writer.append({ type: 'phase', phase: 'report' });
  const rounds = allRounds(trained, arms);
  const { stopped } = ports.control;
  const judge = ports.judge.name;
  const notes = runNotes({ sweep, arms, outcomes, stopped, prompts: data.prompts, pairs, judge, rounds });
  const finished = new Date().toISOString();
  return { version: 1, experiment: 'toxicity', finished, arms, notes, ...(rounds.length > 0 && { rounds }) };
}

/** Every round with its figures, those of the last being the run's own; none in a sweep of a single round. */
function allRounds({ measured, last }: TrainedRounds, arms: readonly ArmMetrics[]): readonly RoundResult[] {
  if (measured.length === 0) return [];
  const final = last.map((line): RoundResult => {
    const own = arms.find(({ id }) => id === line.arm);
    return { ...line, toxicity: own?.toxicity ?? { n: 0, unjudged: 0 }, ...(own?.kl && { kl: own.kl }) };
  });
  return [...measured, ...final];
}

/** The logit lens of the prompts that the sweep names, with every arm (paper figures 1 and 3). */
async function keepLenses(
  { evaluation }: Sweep,
  arms: readonly string[],
  { model, writer, signal }: ExperimentPorts,
): Promise<void> {
  if (evaluation.lens.length === 0) return;
  const lenses: LensResult[] = [];
  for (const prompt of evaluation.lens) lenses.push(await model.lens(arms, prompt, signal));
  await writer.writeStage('lens', lenses);
}

/** The given pairs, or those of the generator, which are kept so that a resumed run need not write them again. */
async function trainingPairs({ sweep, data }: ToxicityWork, ports: ExperimentPorts): Promise<readonly Pair[]> {
  if (data.givenPairs) return data.givenPairs;
  const options = sweep.data.counterfactuals;
  if (!options) throw internal('A sweep has neither pairs nor counterfactuals.');
  const kept = await ports.writer.readStage('pairs', isPair);
  if (kept) return kept;
  const pairs = await counterfactualPairs({ sweep, options, prompts: data.prompts.training }, ports);
  await ports.writer.writeStage('pairs', pairs);
  return pairs;
}

function measuringOptions({ sweep, data }: ToxicityWork): MeasuringOptions {
  const { seed, resamples } = sweep.evaluation;
  const templates = data.prompts.heldOut.map(({ template }) => template);
  return { templates, bootstrap: { seed, resamples }, lemmas: data.lemmas };
}

function summarise(
  { descriptions }: ToxicityWork,
  outcomes: readonly ArmOutcome[],
  observed: ReadonlyMap<string, ArmObservations>,
  options: MeasuringOptions,
): readonly ArmMetrics[] {
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
