/**
 * The toxicity experiment (paper section 4.1): fine-tune a base model on non-toxic counterfactuals with every arm, and
 * measure on held-out prompts what each arm keeps of the base's toxicity. It knows models as ports only.
 */
import { internal } from '../../protocol/errors.ts';
import type { LensResult } from '../../protocol/run/lens.ts';
import type { ArmDescription, ArmMetrics, RoundResult, RunMetrics } from '../../protocol/run/run.ts';
import type { ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import { armMetrics, failedArmMetrics, type MeasuringOptions } from './armMetrics.ts';
import type { Reference } from './promptFigures.ts';
import { counterfactualPairs } from './counterfactuals.ts';
import { evaluateArms, type ArmObservations } from './evaluateArms.ts';
import type { ExperimentPorts } from '../ports/experimentPorts.ts';
import { neutralProbes, neutralTexts, readNeutralTexts } from '../data/neutralTexts.ts';
import { readHonestLemmas } from '../data/honestLemmas.ts';
import { trainInRounds, type TrainedRounds } from './mitigationRounds.ts';
import type { Pair } from '../ports/modelPort.ts';
import { isPair } from '../data/pairLines.ts';
import { splitPairs, wantedPairs, type PairSplit } from '../data/pairSplit.ts';
import { soundArms, withFailures } from '../sweep/soundArms.ts';
import { splitPrompts, type PromptSplit } from '../data/promptSplit.ts';
import { readPairs } from '../data/readPairs.ts';
import { screenArms } from './screenArms.ts';
import { isSplitLine, probedOn, splitLines } from './splitLines.ts';
import { stoppedByHand } from '../sweep/sweepNotes.ts';
import { toxicityNotes } from './toxicityNotes.ts';
import type { ToxicityData, ToxicityWork } from './toxicityWork.ts';
import { planLength, plannedSteps, type LengthPlan } from '../sweep/trainingLength.ts';
import { tuneRates, withRates, type TrialPort, type TunedPlans } from '../tuning/tuneRates.ts';
import type { ArmOutcome } from '../ports/trainerPort.ts';
import { type PlannedSweep, roundFigures } from './mitigationSweep.ts';

export type { ToxicityData, ToxicityWork } from './toxicityWork.ts';

/**
 * Throws RankscopeError('data') for what cannot be used, and 'config' for a plan of too few steps, so that a run fails before a
 * model is opened.
 */
export async function readToxicityData(sweep: ToxicitySweep): Promise<ToxicityData> {
  const { data, evaluation } = sweep;
  const prompts = await splitPrompts(data);
  const givenPairs = data.pairs && (await readPairs(data.pairs));
  const split = givenPairs && (await splitPairs(givenPairs, prompts, wantedPairs(sweep)));
  const length = split && planLength(sweep, split.training.length);
  const lemmas = evaluation.hurtLex === undefined ? undefined : await readHonestLemmas(evaluation.hurtLex);
  const measuredOn = split && {
    prompts: promptsOfProbes(sweep, prompts, split),
    pairs: [...split.tune, ...split.heldOut],
  };
  const neutral = await readNeutralTexts(data.neutral);
  return {
    prompts,
    ...(givenPairs && { givenPairs }),
    ...(lemmas && { lemmas }),
    ...(neutral && { neutral }),
    ...(length && { length }),
    ...(measuredOn && { measuredOn }),
  };
}

/** None where the sweep has no probes: "auto" has them where there are tune pairs. */
function promptsOfProbes(sweep: ToxicitySweep, prompts: PromptSplit, split: PairSplit): readonly string[] {
  const { everySteps } = sweep.evaluation;
  if (everySteps === 0 || (everySteps === 'auto' && split.tune.length === 0)) return [];
  return probedOn(sweep, prompts, split).prompts.map(({ prompt }) => prompt);
}

/**
 * Runs the experiment, from its latest checkpoint where there is one. Rejects with RankscopeError; 'cancelled' when
 * `ports.signal` is aborted.
 */
export async function runToxicityMitigation(work: ToxicityWork, ports: ExperimentPorts): Promise<RunMetrics> {
  const prepared = await prepare(work, ports);
  const { sweep, pairs, neutral, tuned, length } = prepared;
  const { data } = work;
  const prompts = data.prompts.heldOut.map(({ prompt }) => prompt);
  const measuring = measuringOptions(work, pairs);
  const descriptions = withRates(work.descriptions, tuned);
  const rounds = { ...work, sweep, descriptions, plans: tuned.plans, pairs: pairs.training, measuring };
  const probed = {
    ...probedOn(sweep, data.prompts, pairs),
    neutral: await neutralProbes(neutral, sweep, ports),
  };
  const trained = await trainInRounds({ ...rounds, probedOn: probed }, ports);
  const all = [...trained.outcomes, ...(await screenArms(work.cuts ?? [], trained.outcomes, ports))];
  const alive = all.filter(({ failure }) => !failure).map(({ arm }) => arm);
  const evaluatedOn = { prompts, pairs: pairs.heldOut, neutral };
  const { observed, failures } = await evaluateArms(sweep, ['base', ...alive], evaluatedOn, ports);
  const outcomes = withFailures(all, failures);
  const arms = summarise(descriptions, outcomes, observed, measuring);
  for (const metrics of arms) {
    await ports.writer.writeArmMetrics(metrics);
    ports.writer.append({ type: 'arm-metrics', metrics });
  }
  // Until now: a run that is resumed after its training puts the arms back to them again.
  await ports.writer.dropBest();
  await keepLenses(sweep, [...observed.keys()], ports);
  ports.writer.append({ type: 'phase', phase: 'report' });
  const results = allRounds(trained, arms);
  const { stopped } = ports.control;
  const noted = {
    sweep,
    arms,
    outcomes,
    stopped,
    pairs,
    neutral,
    prompts: data.prompts,
    judge: ports.judge.name,
    framing: work.framing,
  };
  const notes = [
    ...toxicityNotes({ ...noted, rounds: results, tuning: tuned.rates, length: length.note }),
    ...(ports.model.notes ?? []),
  ];
  const finished = new Date().toISOString();
  const halted = stoppedByHand(outcomes, stopped).map(({ arm }) => arm);
  return {
    ...{ version: 2, experiment: 'toxicity', finished, arms, notes },
    ...(halted.length > 0 && { stopped: halted }),
    ...(results.length > 0 && { rounds: results }),
    ...(tuned.rates.length > 0 && { tuning: tuned.rates }),
  };
}

/** What is settled before the arms are trained. */
interface Prepared {
  readonly sweep: PlannedSweep;
  readonly pairs: PairSplit;
  readonly neutral: readonly Pair[];
  readonly tuned: TunedPlans;
  readonly length: LengthPlan;
}

/** Splits the pairs, settles the length of the training, keeps which prompt is of which part, and chooses the learning rates. */
async function prepare(work: ToxicityWork, ports: ExperimentPorts): Promise<Prepared> {
  const { sweep: asked, data, plans } = work;
  const pairs = await splitPairs(await trainingPairs(work, ports), data.prompts, wantedPairs(asked));
  // Pairs that were written for hours are used, however few they are.
  const isLenient = data.givenPairs === undefined;
  const { training, settings } = asked;
  const length = planLength({ training, settings, isLenient }, pairs.training.length);
  const sweep: PlannedSweep = { ...asked, training: length.training };
  if (!(await ports.writer.readStage('prompts', isSplitLine))) {
    await ports.writer.writeStage('prompts', splitLines(data.prompts, pairs));
  }
  const neutral = await neutralTexts(sweep, data.neutral, ports);
  const steps = plannedSteps(sweep.training, pairs.training.length);
  const tuned = await tuneRates({ sweep, plans, steps, trial: trialOn(pairs, ports) }, ports);
  if (tuned.rates.length > 0) {
    await ports.writer.noteRates(new Map(tuned.plans.map(({ id, learningRate }) => [id, learningRate])));
  }
  return { sweep, pairs, neutral, tuned, length };
}

function trialOn({ training, tune }: PairSplit, { model, signal }: ExperimentPorts): TrialPort {
  return {
    train: (plans, options, callbacks) => model.train(plans, training, options, callbacks),
    losses: (arms) => model.pairLosses(arms, tune, signal),
    forget: (arm) => model.forgetArm?.(arm),
  };
}

/** Every round with its figures, those of the last being the run's own; none in a sweep of a single round. */
function allRounds({ measured, last }: TrainedRounds, arms: readonly ArmMetrics[]): readonly RoundResult[] {
  if (measured.length === 0) return [];
  const final = last.map((line): RoundResult => {
    const own = arms.find(({ id }) => id === line.arm);
    const failure = own?.failure === undefined ? {} : { failure: own.failure };
    return { ...line, ...failure, ...(own && roundFigures(own)) };
  });
  return [...measured, ...final];
}

/** The logit lens of the prompts that the sweep names, with every arm (paper figures 1 and 3). */
async function keepLenses(
  { evaluation }: ToxicitySweep,
  arms: readonly string[],
  { model, writer, signal }: ExperimentPorts,
): Promise<void> {
  if (evaluation.lens.length === 0) return;
  const lenses: LensResult[] = [];
  const sound = soundArms(arms, writer);
  for (const prompt of evaluation.lens) lenses.push(await sound.compute((all) => model.lens(all, prompt, signal)));
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

function measuringOptions({ sweep, data }: ToxicityWork, { heldOut }: PairSplit): MeasuringOptions {
  const { seed, resamples } = sweep.evaluation;
  const { prompts, lemmas } = data;
  const templates = prompts.heldOut.map(({ frame }) => frame);
  const groups = prompts.heldOut.map(({ group }) => group);
  const pairFrames = heldOut.map(({ prompt }) => prompts.frameOf(prompt));
  return { templates, groups, pairFrames, bootstrap: { seed, resamples }, lemmas };
}

function summarise(
  descriptions: readonly ArmDescription[],
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
