/**
 * Computes the verdict on a run from what the run has stored. This happens here alone and once, when all arms have
 * been measured. The verdict is then part of `metrics.json`, from which every output shows it.
 */
import { errorDetails } from '../protocol/errors.ts';
import type { RunEvent, RunMetrics } from '../protocol/run/run.ts';
import {
  exploratoryLine,
  runVerdictSchema,
  type ArmVerdict,
  type ArmWord,
  type RunVerdict,
} from '../protocol/run/runVerdict.ts';
import type { AnySweep } from '../protocol/sweep/experiments.ts';
import { changedLimit } from '../runs/declaration.ts';
import { readDeclaration, readEvents } from '../runs/readRun.ts';
import type { RunFolder } from '../runs/runFolder.ts';
import type { VerdictInput } from '../verdict/input/verdictInput.ts';
import { judgeSweep } from '../verdict/procedure/judgeSweep.ts';
import type { RankVerdict, SweepVerdict } from '../verdict/sweepVerdict.ts';
import { forestOf } from '../verdict/words/forest.ts';
import { rankWords } from '../verdict/words/rankWords.ts';
import { verdictWords, type JudgeWords } from '../verdict/words/verdictWords.ts';
import { experimentReportOf } from './experiments/experimentReports.ts';

export interface JudgedRun {
  readonly folder: RunFolder;
  readonly sweep: AnySweep;
  readonly metrics: RunMetrics;
  /** The display name of the run's judge, if it has one. */
  readonly judge?: string;
}

/**
 * Undefined for a run that began without a declaration. An error becomes a verdict without an answer that states
 * the reason; it is never thrown.
 */
export async function judgeRun(run: JudgedRun): Promise<RunVerdict | undefined> {
  const { folder, sweep, metrics, judge = '' } = run;
  const report = experimentReportOf(sweep);
  const state = await readDeclaration(folder);
  if (state === 'none') return undefined;
  const exploratory = state === 'changed' ? changedLimit : stoppedArms(metrics);
  try {
    const input = await report.outcomes(folder, sweep, metrics);
    const secondsPerCompletion = secondsOf(await readEvents(folder));
    const verdict = judgeSweep(input, sweep.verdict, {
      ...(exploratory !== undefined && { exploratory }),
      ...(secondsPerCompletion !== undefined && { secondsPerCompletion }),
    });
    return runVerdictSchema.parse(runVerdict(verdict, input, report.judge(sweep, judge)));
  } catch (error) {
    return withoutAnswer(sweep, error, exploratory);
  }
}

/** Seconds that each completion of the last evaluation took, for estimating what a larger run would cost. */
function secondsOf(events: readonly RunEvent[]): number | undefined {
  const at = events.findLastIndex((event) => event.type === 'phase' && event.phase === 'evaluation');
  const begun = events[at];
  const ended = events.find((event, i) => i > at && event.type === 'phase');
  if (begun?.type !== 'phase' || !begun.total || !ended) return undefined;
  return (ended.time - begun.time) / 1000 / begun.total;
}

function stoppedArms({ stopped = [] }: RunMetrics): string | undefined {
  if (stopped.length === 0) return undefined;
  return stopped.length === 1
    ? `the arm ${stopped[0] ?? ''} was stopped by hand`
    : `the arms ${stopped.join(', ')} were stopped by hand`;
}

function runVerdict(verdict: SweepVerdict, input: VerdictInput, judge: JudgeWords): RunVerdict {
  const { declaration, exploratory, templates, smallestSafe, smallestSafeOnAverage } = verdict;
  const words = verdictWords(verdict, judge);
  const forest = forestOf(verdict, 'Each rank against its limit');
  return {
    answer: words.answer,
    why: [...words.why],
    next: [...words.next],
    ...(exploratory !== undefined && { exploratory }),
    goal: declaration.goal,
    templates,
    ...(smallestSafe !== undefined && { smallestSafe }),
    ...(smallestSafeOnAverage !== undefined && { smallestSafeOnAverage }),
    arms: [...rankVerdicts(verdict), ...fullVerdict(input)],
    ...(forest && { forest }),
  };
}

function rankVerdicts(sweep: SweepVerdict): readonly ArmVerdict[] {
  const ascending = [...sweep.ranks].sort((a, b) => a.rank - b.rank);
  return ascending.map((rank): ArmVerdict => {
    const { arm, evidence } = rank;
    const worst = evidence?.trainings.reduce((a, b) => (b.p > a.p ? b : a));
    const { rate, limit, measure, estimate, lower, upper } = worst ?? {};
    return {
      ...{ arm, rank: rank.rank, word: wordOf(rank), why: rankWords(sweep, rank).why },
      ...(rate !== undefined && { rate }),
      ...(limit !== undefined && { limit }),
      ...(measure !== undefined && { measure }),
      ...(estimate !== undefined && { estimate }),
      ...(lower !== undefined && { lower }),
      ...(upper !== undefined && { upper }),
      ...(evidence && { p: evidence.p, level: evidence.level }),
    };
  });
}

function wordOf({ verdict, cause }: RankVerdict): ArmWord {
  if (cause?.kind === 'broken' && cause.of === 'rank') return 'broken';
  return cause?.kind === 'no result' && cause.of === 'rank' ? 'no result' : verdict;
}

/** Full fine-tuning is the reference and gets no verdict. The verdict still says where it is broken or has no result. */
function fullVerdict({ arms }: VerdictInput): readonly ArmVerdict[] {
  return arms.flatMap(({ id, method, broken, failure }): readonly ArmVerdict[] => {
    if (method !== 'full') return [];
    if (broken !== undefined) return [{ arm: id, word: 'broken', why: `Full fine-tuning is broken: ${broken}.` }];
    if (failure === undefined) return [];
    return [{ arm: id, word: 'no result', why: `Full fine-tuning has no result: ${failure}.` }];
  });
}

function withoutAnswer({ verdict }: AnySweep, error: unknown, exploratory: string | undefined): RunVerdict {
  const { what, where, remedy } = errorDetails(error);
  const place = where === undefined ? '' : ` (${where})`;
  return {
    answer: `No rank can be judged: ${what}${place}.`,
    why: exploratory === undefined ? [] : [exploratoryLine(exploratory)],
    next: remedy === undefined ? [] : [remedy],
    ...(exploratory !== undefined && { exploratory }),
    goal: verdict.goal,
    templates: 0,
    arms: [],
  };
}
