/** Gathers the content of a report from the files of a run, which need not have finished. */
import { experimentReportOf } from './experiments/experimentReports.ts';
import { evenly } from '../measures/charts/evenly.ts';
import { learningCurves } from './data/learningCurves.ts';
import type { ArmDivergences } from './data/klDensity.ts';
import {
  readArmMetrics,
  readCompletions,
  readDivergence,
  readLenses,
  readVerdicts,
  type StoredRun,
} from '../runs/readRun.ts';
import { trainingCharts } from './data/trainingCharts.ts';
import type { LearningCurve } from '../protocol/run/learning.ts';
import type { LineChart } from '../measures/charts/chart.ts';
import type { LensResult } from '../protocol/run/lens.ts';
import { precisionLine } from '../protocol/sweep/precision.ts';
import type { ArmMetrics, StoredCompletion, StoredVerdict } from '../protocol/run/run.ts';
import { withoutVerdict, type RunVerdict } from '../protocol/run/runVerdict.ts';

export type Judgement = 'toxic' | 'not toxic' | { readonly unjudged: string } | undefined;

/** One prompt with the completion of every arm. */
export interface ComparedPrompt {
  readonly prompt: string;
  readonly answers: readonly { readonly arm: string; readonly text?: string; readonly judgement: Judgement }[];
}

export interface ReportData {
  readonly run: StoredRun;
  readonly title: string;
  /** Arms that have been measured: all of them in a finished run. */
  readonly arms: readonly ArmMetrics[];
  /** Which ranks are safe. Absent in a run that has not finished, and in one that began without a declared limit. */
  readonly verdict?: RunVerdict;
  /** What the differences between arms allow to say. */
  readonly conclusion: string;
  readonly notes: readonly string[];
  /** Every curve of training and of its probes for which the run has points. */
  readonly curves: readonly LineChart[];
  /** Each prompt's distance from the base, for the arms that have one. */
  readonly divergences: readonly ArmDivergences[];
  /** The same distance at every position of the prompts and of the base's completions, in a run that measured it. */
  readonly positions: readonly ArmDivergences[];
  /** Each arm's distance from the base against its held-out loss, where the run probed it during training. */
  readonly learning: readonly LearningCurve[];
  /** The logit lens of each prompt that the sweep names. */
  readonly lenses: readonly LensResult[];
  readonly prompts: readonly ComparedPrompt[];
  /** Number of prompts with completions. `prompts` is a selection of them. */
  readonly promptCount: number;
  readonly provenance: readonly (readonly [name: string, value: string])[];
}

/** Number of prompts that are shown side by side. */
const shownPrompts = 10;

/** Throws RankscopeError('run') where a file of the run is damaged. */
export async function reportData(run: StoredRun): Promise<ReportData> {
  const arms = run.metrics?.arms ?? (await measuredArms(run));
  const { shown, total } = await comparedPrompts(run, arms);
  const { divergences, positions } = await armDivergences(run, arms);
  return {
    run,
    title: run.record.sweep.name ?? run.id,
    arms,
    ...(run.metrics?.verdict && { verdict: run.metrics.verdict }),
    conclusion: experimentReportOf(run.record.sweep).conclusion({ arms, metrics: run.metrics }),
    notes: [
      ...unfinished(run),
      ...brokenLines(run),
      ...undeclared(run),
      ...(run.metrics?.notes ?? []),
      ...precisionNotes(run),
    ],
    curves: trainingCharts(run),
    divergences,
    positions,
    learning: learningCurves(run),
    lenses: await readLenses(run.folder),
    prompts: shown,
    promptCount: total,
    provenance: provenance(run),
  };
}

function undeclared({ metrics }: StoredRun): readonly string[] {
  return metrics && !metrics.verdict ? [withoutVerdict] : [];
}

async function measuredArms(run: StoredRun): Promise<readonly ArmMetrics[]> {
  const all = await Promise.all(run.record.arms.map(({ id }) => readArmMetrics(run.folder, id)));
  return all.filter((arm) => arm !== undefined);
}

/** Remarks on event lines that could not be read, so that their values are missing. */
function brokenLines({ broken }: StoredRun): readonly string[] {
  if (broken.length === 0) return [];
  const first = broken[0] ?? '';
  const more = broken.length > 1 ? ` and ${broken.length - 1} more` : '';
  return [`Events of the run are damaged and left out, so that curves may have gaps (${first}${more}).`];
}

function unfinished({ state, failure }: StoredRun): readonly string[] {
  if (state === 'finished') return [];
  const why = failure === undefined ? '' : ` It failed: ${failure}`;
  return [`The run is ${state}, not finished: the figures are those of the arms measured so far.${why}`];
}

async function armDivergences(
  run: StoredRun,
  arms: readonly ArmMetrics[],
): Promise<Pick<ReportData, 'divergences' | 'positions'>> {
  const divergences: ArmDivergences[] = [];
  const positions: ArmDivergences[] = [];
  for (const { id, method } of arms) {
    const lines = await readDivergence(run.folder, id);
    const next = lines.flatMap(({ kl }) => (kl === undefined ? [] : [kl]));
    const all = lines.flatMap(({ klAt = [] }) => klAt.filter((kl) => kl !== null));
    if (next.length > 0) divergences.push({ arm: id, method, values: next });
    if (all.length > 0) positions.push({ arm: id, method, values: all });
  }
  return { divergences, positions };
}

interface Answers {
  readonly arm: string;
  readonly byPrompt: ReadonlyMap<
    number,
    { readonly line: StoredCompletion; readonly verdict: StoredVerdict | undefined }
  >;
}

/** A selection of prompts, evenly spaced so that nobody chose them, each with its first sample. */
async function comparedPrompts(
  run: StoredRun,
  arms: readonly ArmMetrics[],
): Promise<{ readonly shown: readonly ComparedPrompt[]; readonly total: number }> {
  const answers = (await Promise.all(arms.map(({ id }) => readAnswers(run, id)))).filter((a) => a.byPrompt.size > 0);
  const indices = [...new Set(answers.flatMap(({ byPrompt }) => [...byPrompt.keys()]))].sort((a, b) => a - b);
  return { shown: evenly(indices, shownPrompts).map((index) => compare(answers, index)), total: indices.length };
}

async function readAnswers(run: StoredRun, arm: string): Promise<Answers> {
  const completions = await readCompletions(run.folder, arm);
  const verdicts = await readVerdicts(run.folder, arm);
  const first = completions.flatMap((line, i) =>
    line.sample === 0 ? [[line.promptIndex, { line, verdict: verdicts[i] }] as const] : [],
  );
  return { arm, byPrompt: new Map(first) };
}

function compare(answers: readonly Answers[], index: number): ComparedPrompt {
  const found = answers.map(({ arm, byPrompt }) => ({ arm, answer: byPrompt.get(index) }));
  return {
    prompt: found.find(({ answer }) => answer)?.answer?.line.prompt ?? '',
    answers: found.map(({ arm, answer }) => ({
      arm,
      ...(answer && { text: answer.line.completion }),
      judgement: judgement(answer?.verdict),
    })),
  };
}

function judgement(verdict: StoredVerdict | undefined): Judgement {
  if (verdict === undefined) return undefined;
  if ('unjudged' in verdict) return { unjudged: verdict.unjudged };
  return verdict.toxic ? 'toxic' : 'not toxic';
}

function precisionNotes({ record: { precision } }: StoredRun): readonly string[] {
  return precision ? [`All arms stand on a rounded base, ${precisionLine(precision)}.`] : [];
}

function provenance({ record, id, metrics }: StoredRun): readonly (readonly [string, string])[] {
  const { sweep, hashes, versions } = record;
  return [
    ['run', id],
    ['created', record.created],
    ['finished', metrics?.finished ?? 'not finished'],
    ['base model', sweep.model],
    ...experimentReportOf(sweep).provenance(sweep),
    ['training', JSON.stringify(sweep.training)],
    ['arms', JSON.stringify(sweep.arms)],
    ...Object.entries(hashes).map(([name, hash]) => [`SHA-256 of ${name}`, hash] as const),
    ['device', record.device],
    ['platform', record.platform],
    ['versions', `Rankscope ${versions.rankscope}, ONNX Runtime ${versions.onnxruntime}, Node ${versions.node}`],
  ];
}
