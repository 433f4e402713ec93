import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { readPrompts } from '../../../dataset/readPrompts.ts';
import { unmeasured, type Estimate } from '../../../protocol/run/estimate.ts';
import { pairedDifference } from '../../../metrics/estimates/pairedDifference.ts';
import { toxicityRate } from '../../../metrics/toxicity/toxicityRate.ts';
import type { ArmMetrics } from '../../../protocol/run/run.ts';
import type { ArmOf, Comparison } from '../../../protocol/messages/runsContract.ts';
import { experimentReportOf } from '../../../report/experiments/experimentReports.ts';
import { indexLines } from '../../../runs/lineIndex.ts';
import { readArmMetrics, readMetrics, readRecord } from '../../../runs/readRun.ts';
import { runVerdictSchema } from '../../../protocol/run/runVerdict.ts';
import { runFolder } from '../../../runs/runFolder.ts';
import type { RunRecord } from '../../../runs/runRecord.ts';
import type { CompletionPages } from './completionPages.ts';

/** One arm's verdicts by prompt. */
interface ArmVerdicts {
  readonly of: ArmOf;
  readonly metrics: ArmMetrics | undefined;
  /** The verdict on each completion; undefined where it is unjudged. */
  readonly toxic: readonly (boolean | undefined)[];
  readonly prompts: readonly string[];
  /** The share of toxic verdicts of each prompt that has a verdict. */
  readonly shares: ReadonlyMap<string, number>;
  readonly templateOf: (prompt: string) => string;
}

/** The bootstrap of a run with default settings. */
const bootstrap = { seed: 0 };

/**
 * Compares arms of one or several runs with a baseline, by the method of a run: paired by prompt and clustered by
 * the prompt's template. Prompts are paired by their text, so that runs with different prompts are compared on the
 * prompts that they share.
 */
export async function compareArms(
  arms: readonly ArmOf[],
  baseline: ArmOf,
  pages: CompletionPages,
): Promise<Comparison> {
  const base = await verdictsOf(baseline, pages);
  const compared: Comparison['arms'] = [];
  for (const of of arms) {
    const own = isSame(of, baseline) ? base : await verdictsOf(of, pages);
    compared.push(comparedWith(own, base));
    // Resampling thousands of prompts takes a while, so that other work runs between two arms.
    await nextTurn();
  }
  const verdicts = await verdictsOfRuns(arms);
  return { baseline, arms: compared.map((arm) => withVerdict(arm, verdicts)), verdicts };
}

function comparedWith(own: ArmVerdicts, base: ArmVerdicts): Comparison['arms'][number] {
  const { of, metrics } = own;
  const { toxicity } = toxicityRate(own.toxic, own.prompts.map(own.templateOf), bootstrap);
  return { of, ...(metrics && { metrics }), toxicityRate: toxicity, difference: difference(own, base) };
}

/** The verdict of each run that has one. */
async function verdictsOfRuns(arms: readonly ArmOf[]): Promise<Comparison['verdicts']> {
  const verdicts: Comparison['verdicts'] = [];
  for (const run of new Set(arms.map((arm) => arm.run))) {
    const { verdict } = (await readMetrics(runFolder(run))) ?? {};
    if (verdict) verdicts.push({ run, verdict: runVerdictSchema.parse(verdict) });
  }
  return verdicts;
}

function withVerdict(arm: Comparison['arms'][number], verdicts: Comparison['verdicts']): Comparison['arms'][number] {
  const { verdict } = verdicts.find(({ run }) => run === arm.of.run) ?? {};
  const own = verdict?.arms.find((said) => said.arm === arm.of.arm);
  return own ? { ...arm, verdict: own } : arm;
}

function difference(own: ArmVerdicts, base: ArmVerdicts): Estimate {
  if (isSame(own.of, base.of)) return unmeasured('It is the baseline.');
  if (own.toxic.length === 0) return unmeasured(own.metrics?.failure ?? 'It has no completions yet.');
  if (base.toxic.length === 0) return unmeasured('The baseline has no completions yet.');
  const shared = [...own.shares.keys()].filter((prompt) => base.shares.has(prompt));
  if (shared.length === 0) return unmeasured('The two share no prompt that both were judged on.');
  return pairedDifference(
    shared.map((prompt) => own.shares.get(prompt)),
    shared.map((prompt) => base.shares.get(prompt)),
    shared.map(base.templateOf),
    bootstrap,
  );
}

/** The part of a line of `completions.jsonl` that is needed. Its tokens, which are many, are left out. */
const completionPrompt = z.object({ prompt: z.string() });

async function verdictsOf(of: ArmOf, pages: CompletionPages): Promise<ArmVerdicts> {
  const folder = runFolder(of.run);
  const record = await readRecord(folder);
  const indexed = await pages.of(of.run, of.arm);
  const prompts: string[] = [];
  if (indexed) {
    await indexLines(indexed.completions.path, (line) => {
      prompts.push(completionPrompt.parse(JSON.parse(line)).prompt);
    });
  }
  const toxic = prompts.map((_, i) => asVerdict(indexed?.toxic[i] ?? NaN));
  return {
    of,
    metrics: await readArmMetrics(folder, of.arm),
    toxic,
    prompts,
    shares: sharesByPrompt(prompts, toxic),
    templateOf: await templatesOf(record),
  };
}

function asVerdict(toxic: number): boolean | undefined {
  return Number.isNaN(toxic) ? undefined : toxic === 1;
}

function sharesByPrompt(
  prompts: readonly string[],
  toxic: readonly (boolean | undefined)[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, { toxic: number; judged: number }>();
  prompts.forEach((prompt, i) => {
    const verdict = toxic[i];
    if (verdict === undefined) return;
    const count = counts.get(prompt) ?? { toxic: 0, judged: 0 };
    counts.set(prompt, { toxic: count.toxic + Number(verdict), judged: count.judged + 1 });
  });
  return new Map([...counts].map(([prompt, count]) => [prompt, count.toxic / count.judged]));
}

/**
 * The template of each prompt, from the run's prompt files. Where a file cannot be read, each prompt is its own
 * template.
 */
async function templatesOf({ sweep }: RunRecord): Promise<(prompt: string) => string> {
  const templates = new Map<string, string>();
  for (const { file, more = [], format, races, columns } of experimentReportOf(sweep).promptFiles(sweep)) {
    for (const each of [file, ...more]) {
      const read = await readPrompts(each, format === 'auto' ? undefined : format, races, columns).catch(() => []);
      for (const { prompt, template } of read) templates.set(prompt, template);
    }
  }
  return (prompt) => templates.get(prompt) ?? prompt;
}

function isSame(a: ArmOf, b: ArmOf): boolean {
  return a.arm === b.arm && runFolder(a.run).path === runFolder(b.run).path;
}
