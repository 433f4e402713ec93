import type { Judge, Verdict } from '../../judges/judge/judge.ts';
import { internal } from '../../protocol/errors.ts';
import type { StoredVerdict } from '../../protocol/run/run.ts';
import type { Completion } from '../ports/modelPort.ts';

/** Verdicts on completions, one each, in order. */
export async function judgeCompletions(
  judge: Judge,
  completions: readonly Completion[],
  prompts: readonly string[],
  signal: AbortSignal,
): Promise<readonly Verdict[]> {
  const items = completions.map(({ text, promptIndex }) => ({ text, prompt: prompts[promptIndex] ?? '' }));
  const verdicts = await judge.judge(items, signal);
  if (verdicts.length === items.length) return verdicts;
  throw internal(`The judge ${judge.name} gave ${verdicts.length} verdicts on ${items.length} completions.`);
}

/** Whether a verdict says toxic; undefined where none was given. */
export function toxicity(verdict: Verdict | undefined): boolean | undefined {
  return verdict?.kind === 'judged' ? verdict.toxic : undefined;
}

/** A verdict as a run keeps it. */
export function storedVerdict({ promptIndex, sample }: Completion, verdict: Verdict, judge: string): StoredVerdict {
  const place = { promptIndex, sample, judge };
  if (verdict.kind === 'unjudged') return { ...place, unjudged: verdict.reason };
  const categories = [...new Set(verdict.evidence.map(({ category }) => category))].join(', ');
  const why = verdict.why ?? categories;
  return { ...place, score: verdict.score, toxic: verdict.toxic, ...(why !== '' && { why }) };
}
