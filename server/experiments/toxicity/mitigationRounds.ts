/**
 * Rounds of mitigation (paper section 3.1: "one or multiple rounds of non-toxic counterfactual completions"; it says no
 * more of them). The first round is the paper's method: the base completes the training prompts, and all arms learn from
 * counterfactuals for what was toxic. In each later one every arm completes the training prompts itself, and learns from
 * counterfactuals for what it is still toxic on: its weights go on, its optimiser and schedule begin anew.
 */
import { internal } from '../../protocol/errors.ts';
import type { RoundResult } from '../../protocol/run/run.ts';
import { readRound } from '../../protocol/run/runChecks.ts';
import { armMetrics, type MeasuringOptions } from './armMetrics.ts';
import { roundPairs } from './counterfactuals.ts';
import { observeBriefly } from './evaluateArms.ts';
import type { ExperimentPorts } from '../ports/experimentPorts.ts';
import type { Pair } from '../ports/modelPort.ts';
import { isArmPair } from '../data/pairLines.ts';
import { readRoundMark, type RoundMark } from './roundMark.ts';
import type { SoundArms } from '../sweep/soundArms.ts';
import type { ToxicityWork } from './toxicityWork.ts';
import { keepArms, trainSweepArms, type ProbedOn } from './trainSweepArms.ts';
import type { ArmOutcome, ArmPlan } from '../ports/trainerPort.ts';
import { type PlannedSweep, roundFigures } from './mitigationSweep.ts';

export interface RoundsWork extends ToxicityWork {
  readonly sweep: PlannedSweep;
  readonly plans: readonly ArmPlan[];
  /** What the arms are probed on while they train. */
  readonly probedOn: ProbedOn;
  /** What all arms learn from in the first round. */
  readonly pairs: readonly Pair[];
  /** How the arms are measured after a round. */
  readonly measuring: MeasuringOptions;
}

/** What is known of an arm's round before it is measured. */
type UnmeasuredRound = Omit<RoundResult, 'toxicity' | 'unjudged' | 'kl'>;

export interface TrainedRounds {
  /** One an arm, over all rounds. */
  readonly outcomes: readonly ArmOutcome[];
  /** The rounds that others followed, measured. */
  readonly measured: readonly RoundResult[];
  /** The last one, which the evaluation of the run measures. */
  readonly last: readonly UnmeasuredRound[];
}

type ArmPairs = ReadonlyMap<string, readonly Pair[]>;

/** Trains all rounds, from the latest checkpoint where there is one, and keeps the weights of the arms that came through. */
export async function trainInRounds(work: RoundsWork, ports: ExperimentPorts): Promise<TrainedRounds> {
  const count = work.sweep.data.counterfactuals?.rounds ?? 1;
  const begun = await latestMark(ports);
  const kept = count > 1 ? await ports.writer.readStage('rounds', isRound) : undefined;
  let measured: readonly RoundResult[] = (kept ?? [])
    .flatMap((line) => readRound(line) ?? [])
    .filter(({ round }) => round < begun.round);
  const earlier = outcomesOf(measured);
  let { round, offset } = begun;
  let pairs: RoundPairs['pairs'];
  ({ measured, pairs } = await pairsOfRound(round, measured, work, ports));
  for (;;) {
    const trained = await trainRound(work, { round, offset }, pairs, earlier, ports);
    const last = trained.map((outcome) => unmeasured(outcome, round, pairs, ports));
    for (const outcome of trained) earlier.set(outcome.arm, joined(earlier.get(outcome.arm), outcome));
    const next = round < count ? await nextRound(work, last, measured, ports) : undefined;
    for (const { round: ended, arm, failure } of next?.measured ?? []) {
      const outcome = earlier.get(arm);
      if (ended !== round || failure === undefined || !outcome || outcome.failure) continue;
      earlier.set(arm, { ...outcome, failure: { code: 'diverged', what: failure } });
    }
    if (!next) {
      const outcomes = work.plans.map(({ id }) => earlier.get(id) ?? { arm: id, steps: 0 });
      await keepArms(outcomes, ports);
      return { outcomes, measured, last };
    }
    ({ measured, pairs } = next);
    offset += Math.max(0, ...last.map(({ steps }) => steps));
    round += 1;
  }
}

async function latestMark({ writer }: ExperimentPorts): Promise<RoundMark> {
  const latest = await writer.latestCheckpoint();
  return latest ? readRoundMark(latest.directory) : { round: 1, offset: 0 };
}

function trainRound(
  { sweep, plans, probedOn }: RoundsWork,
  round: RoundMark,
  pairs: readonly Pair[] | ArmPairs,
  earlier: ReadonlyMap<string, ArmOutcome>,
  ports: ExperimentPorts,
): Promise<readonly ArmOutcome[]> {
  // An arm that a person stopped stays among them, without pairs, so that a resumed run has its weights.
  const going = plans.filter(({ id }) => !earlier.get(id)?.failure);
  const turned = going.map((plan) => ({ ...plan, orderSeed: (plan.orderSeed + round.round - 1) >>> 0 }));
  return trainSweepArms({ sweep, plans: turned, pairs, probedOn, round }, ports);
}

/** Measures the round that has ended and has the pairs of the next one written; undefined when none is left to write. */
async function nextRound(
  work: RoundsWork,
  ended: readonly UnmeasuredRound[],
  before: readonly RoundResult[],
  ports: ExperimentPorts,
): Promise<{ readonly measured: readonly RoundResult[]; readonly pairs: ArmPairs } | undefined> {
  const results = await measure(work, ended, ports);
  const round = (ended[0]?.round ?? 0) + 1;
  const { measured, pairs } = await pairsOfRound(round, [...before, ...results], work, ports);
  if (!('get' in pairs)) throw internal('A later round has pairs by arm.');
  if ([...pairs.values()].every((own) => own.length === 0)) {
    const message = `No arm had anything left to learn from after round ${round - 1}: there was no round ${round}.`;
    ports.writer.append({ type: 'warning', message });
    return undefined;
  }
  await ports.writer.writeStage('rounds', measured);
  return { measured, pairs };
}

/** What the arms of a round learn from, and the earlier rounds with the failures of arms that broke as it was made. */
interface RoundPairs {
  readonly measured: readonly RoundResult[];
  readonly pairs: readonly Pair[] | ArmPairs;
}

/** Kept, so that a resumed run trains on the same. */
async function pairsOfRound(
  round: number,
  measured: readonly RoundResult[],
  work: RoundsWork,
  ports: ExperimentPorts,
): Promise<RoundPairs> {
  if (round === 1) return { measured, pairs: work.pairs };
  const options = work.sweep.data.counterfactuals;
  if (!options) throw internal('Only a sweep with a generator has several rounds.');
  const stage = `pairs-round-${round}` as const;
  const out = new Set(
    measured.filter(({ failure, stopped }) => failure !== undefined || stopped).map(({ arm }) => arm),
  );
  const arms = work.plans.map(({ id }) => id).filter((id) => !out.has(id));
  const kept = await ports.writer.readStage(stage, isArmPair);
  if (kept) return { measured, pairs: new Map(arms.map((arm) => [arm, kept.filter((pair) => pair.arm === arm)])) };
  const prompts = work.data.prompts.training;
  const { pairs, failures } = await roundPairs(arms, { sweep: work.sweep, options, prompts, round }, ports);
  await ports.writer.writeStage(
    stage,
    [...pairs].flatMap(([arm, own]) => own.map((pair) => ({ arm, ...pair }))),
  );
  return { measured: measured.map((line) => withFailure(line, round - 1, failures)), pairs };
}

function withFailure(line: RoundResult, round: number, failures: SoundArms['failures']): RoundResult {
  const failure = line.round === round ? failures.get(line.arm) : undefined;
  return failure ? { ...line, failure: failure.what } : line;
}

async function measure(
  { sweep, descriptions, data, measuring }: RoundsWork,
  ended: readonly UnmeasuredRound[],
  ports: ExperimentPorts,
): Promise<readonly RoundResult[]> {
  const alive = ended.filter(({ failure }) => failure === undefined).map(({ arm }) => arm);
  const prompts = data.prompts.heldOut.map(({ prompt }) => prompt);
  const { observed, failures } = await observeBriefly(sweep, alive, prompts, ended[0]?.round ?? 1, ports);
  return ended.map((line): RoundResult => {
    const description = descriptions.find(({ id }) => id === line.arm);
    const observations = observed.get(line.arm);
    if (!observations || !description) {
      const failure = failures.get(line.arm)?.what ?? line.failure;
      return { ...line, ...(failure !== undefined && { failure }) };
    }
    return { ...line, ...roundFigures(armMetrics(description, undefined, observations, [], measuring)) };
  });
}

function unmeasured(
  { arm, steps, finalLoss, failure, stopped }: ArmOutcome,
  round: number,
  pairs: readonly Pair[] | ArmPairs,
  { control }: ExperimentPorts,
): UnmeasuredRound {
  const own = 'get' in pairs ? (pairs.get(arm) ?? []) : pairs;
  return {
    ...{ round, arm, steps, prompts: new Set(own.map(({ prompt }) => prompt)).size, pairs: own.length },
    ...(finalLoss !== undefined && { finalLoss }),
    ...(failure && { failure: failure.what }),
    ...((stopped === true || control.stopped.has(arm)) && { stopped: true }),
  };
}

/** A line of the stage of rounds, in whichever format it was written. */
function isRound(value: unknown): value is object {
  return readRound(value) !== undefined;
}

/** What rounds that were measured before a resume say of the arms. */
function outcomesOf(measured: readonly RoundResult[]): Map<string, ArmOutcome> {
  const outcomes = new Map<string, ArmOutcome>();
  for (const { arm, steps, finalLoss, failure, stopped } of measured) {
    const outcome: ArmOutcome = {
      ...{ arm, steps },
      ...(finalLoss !== undefined && { finalLoss }),
      ...(failure !== undefined && { failure: { code: 'diverged', what: failure } }),
      ...(stopped && { stopped }),
    };
    outcomes.set(arm, joined(outcomes.get(arm), outcome));
  }
  return outcomes;
}

/** Steps add up; of everything else the later round's word stands, where it has one. */
function joined(before: ArmOutcome | undefined, after: ArmOutcome): ArmOutcome {
  return { ...before, ...after, steps: (before?.steps ?? 0) + after.steps };
}
