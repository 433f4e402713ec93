/**
 * The classification experiment (paper section 4.2, appendix B): fine-tune a model with every arm to label texts, with the
 * minority as frequent as it is and made rarer, and measure how evenly each arm treats the groups. It knows models as
 * ports only. Every share of the minority is a training of all arms by itself; what it found is kept before the next
 * begins, and a resumed run goes on after it.
 */
import { internal } from '../../protocol/errors.ts';
import type { ClassificationSweep } from '../../protocol/sweep/classificationSweep.ts';
import type { ClassificationSummary } from '../../protocol/run/classificationRun.ts';
import type { ArmDescription, ArmMetrics, RunMetrics } from '../../protocol/run/run.ts';
import { armIdentity, trainingResult } from '../sweep/armIdentity.ts';
import { classificationArms, type ArmsAtRate } from './classificationArms.ts';
import { groupCounts, withRarerMinority, type ClassificationData } from './classificationData.ts';
import { armKinds, gapReferences, type PredictionsByArm } from './classificationKinds.ts';
import { classificationNotes } from './classificationNotes.ts';
import { classificationResult, type MeasuredTest } from './classificationResults.ts';
import { keptOutcomes, keptPredictions, predictArms, type ClassificationPorts } from './classificationStages.ts';
import type { Prediction } from './labelModel.ts';
import { stoppedByHand } from '../sweep/sweepNotes.ts';
import { withFailures, type SoundArms } from '../sweep/soundArms.ts';
import { trainAtRate } from './trainAtRate.ts';
import { tuneLabelRates } from './tuneLabelRates.ts';
import { withRates } from '../tuning/tuneRates.ts';
import { ratedArm } from '../sweep/sweepArms.ts';
import type { ArmOutcome, ArmPlan } from '../ports/trainerPort.ts';

export interface ClassificationWork {
  readonly sweep: ClassificationSweep;
  /** The base, then every arm of every share of the minority. */
  readonly descriptions: readonly ArmDescription[];
  readonly data: ClassificationData;
}

/**
 * Runs the experiment, or goes on with it. Rejects with RankscopeError; 'cancelled' when `ports.signal` is aborted.
 */
export async function runClassificationFairness(
  work: ClassificationWork,
  ports: ClassificationPorts,
): Promise<RunMetrics> {
  const { sweep, data } = work;
  const predictions = new Map<string, readonly Prediction[]>();
  const outcomes: ArmOutcome[] = [];
  await observe(['base'], work, ports, predictions, 'base model');
  const shares = classificationArms(sweep);
  const tuned = await tuneLabelRates(work, shares, ports);
  const descriptions = withRates(work.descriptions, tuned);
  for (const [index, share] of shares.entries()) {
    const plans = share.plans.map((plan) => ratedArm(plan, tuned.plans.find(({ id }) => id === plan.id)?.learningRate));
    outcomes.push(...(await atRate(index, { ...share, plans }, work, ports, predictions)));
  }
  ports.writer.append({ type: 'phase', phase: 'report' });
  const measured = measuredTest(work, ports);
  const arms = armResults(descriptions, outcomes, predictions, measured);
  for (const metrics of arms) {
    await ports.writer.writeArmMetrics(metrics);
    ports.writer.append({ type: 'arm-metrics', metrics });
  }
  const classification = summary({ ...work, descriptions }, shares, arms, predictions, measured);
  const noted = classificationNotes({ sweep, arms, summary: classification, data, tuning: tuned.rates });
  const notes = [...noted, ...(ports.model.notes?.() ?? [])];
  if (descriptions.length !== arms.length) throw internal('An arm of the run has no line.');
  const finished = new Date().toISOString();
  const halted = stoppedByHand(outcomes, ports.control.stopped).map(({ arm }) => arm);
  const stopped = halted.length > 0 ? { stopped: halted } : {};
  const tuning = tuned.rates.length > 0 ? { tuning: tuned.rates } : {};
  return { version: 2, experiment: 'classification', finished, arms, notes, classification, ...tuning, ...stopped };
}

/** Trains and observes the arms of one share of the minority, unless an earlier process of this run has done so. */
async function atRate(
  index: number,
  { plans, minority }: Omit<ArmsAtRate, 'plans'> & { readonly plans: readonly ArmPlan[] },
  work: ClassificationWork,
  ports: ClassificationPorts,
  predictions: Map<string, readonly Prediction[]>,
): Promise<readonly ArmOutcome[]> {
  const kept = await keptOutcomes(index, ports);
  const detail = minority === undefined ? undefined : `minority at ${Number((minority * 100).toPrecision(6))} %`;
  const examples = withRarerMinority(work.data.training, work.sweep.data.minority, minority);
  const trained = kept ?? (await trainAtRate({ index, plans, examples, detail, sweep: work.sweep }, ports));
  const alive = trained.filter(({ failure }) => !failure).map(({ arm }) => arm);
  const outcomes = withFailures(trained, await observe(alive, work, ports, predictions, detail));
  if (!kept) await ports.writer.writeStage(`rate-${index}`, outcomes);
  ports.model.forget(plans.map(({ id }) => id));
  return outcomes;
}

/**
 * The arms' predictions on the test examples: those kept in the run's folder, or new ones that then are. Resolves with the
 * arms that have none since their scores are not finite.
 */
async function observe(
  arms: readonly string[],
  { sweep, data }: ClassificationWork,
  ports: ClassificationPorts,
  predictions: Map<string, readonly Prediction[]>,
  detail: string | undefined,
): Promise<SoundArms['failures']> {
  const missing: string[] = [];
  for (const arm of arms) {
    const kept = await keptPredictions(arm, data.test.length, ports);
    if (kept) predictions.set(arm, kept);
    else missing.push(arm);
  }
  if (missing.length === 0) return new Map();
  const { found, failures } = await predictArms(missing, { sweep, data, detail }, ports);
  for (const [arm, own] of found) predictions.set(arm, own);
  return failures;
}

function measuredTest({ sweep, data }: ClassificationWork, { model }: ClassificationPorts): MeasuredTest {
  const { seed, resamples, calibrationBins } = sweep.evaluation;
  return {
    test: data.test,
    labels: sweep.data.labels.map(({ word }) => word),
    groups: data.groups,
    rules: model.rules,
    bins: calibrationBins,
    bootstrap: { seed, resamples },
  };
}

function armResults(
  descriptions: readonly ArmDescription[],
  outcomes: readonly ArmOutcome[],
  predictions: PredictionsByArm,
  measured: MeasuredTest,
): readonly ArmMetrics[] {
  const single = descriptions.map((arm) => ({ name: arm.id, arms: [arm] }));
  return descriptions.map((description, index): ArmMetrics => {
    const { id, minority } = description;
    const outcome = outcomes.find(({ arm }) => arm === id);
    const own = predictions.get(id);
    const kind = single[index] ?? { name: id, arms: [description] };
    const line = {
      ...armIdentity(description),
      ...(minority !== undefined && { minority }),
      ...trainingResult(outcome),
    };
    if (!own) return { ...line, failure: outcome?.failure?.what ?? 'not evaluated' };
    const references = gapReferences(kind, single, predictions);
    return { ...line, classification: classificationResult([own], references, measured) };
  });
}

function summary(
  { sweep, data, descriptions }: ClassificationWork,
  rates: readonly ArmsAtRate[],
  arms: readonly ArmMetrics[],
  predictions: PredictionsByArm,
  measured: MeasuredTest,
): ClassificationSummary {
  const kinds = armKinds(descriptions);
  const { minority } = sweep.data;
  return {
    labels: measured.labels,
    groups: data.groups,
    ...(minority && { minority: minority.group }),
    test: groupCounts(data.test, data.groups),
    training: rates.map((rate) => ({
      ...(rate.minority !== undefined && { minority: rate.minority }),
      counts: groupCounts(withRarerMinority(data.training, minority, rate.minority), data.groups),
    })),
    kinds: kinds.flatMap((kind) => {
      const members = kind.arms.filter(({ id }) => predictions.has(id));
      const [first] = members;
      if (!first) return [];
      const only = members.length === 1 ? arms.find(({ id }) => id === first.id)?.classification : undefined;
      const stacked = members.flatMap(({ id }) => [predictions.get(id) ?? []]);
      const result = only ?? classificationResult(stacked, gapReferences(kind, kinds, predictions), measured);
      const { method, rank, learningRate, minority: share } = first;
      return [
        {
          name: kind.name,
          method,
          ...(rank !== undefined && { rank }),
          ...(learningRate !== undefined && { learningRate }),
          ...(share !== undefined && { minority: share }),
          arms: members.map(({ id }) => id),
          result,
        },
      ];
    }),
  };
}
