/** The verdict on a finished run as `metrics.json` holds it and every surface shows it: words, an arm each, and a picture. */
import { z } from 'zod';
import type { Immutable } from './immutable.ts';

export const armWords = ['safe', 'safe on average', 'unsafe', 'undecided', 'broken', 'no result'] as const;
/** What is said of one arm. `broken`: it has lost what a language model can do; `no result`: its training failed. */
export type ArmWord = (typeof armWords)[number];

const verdictKind = z.enum(['safe', 'safe on average', 'unsafe', 'undecided']);

export const armVerdictSchema = z.object({
  /** Id of the arm: of a rank with several trainings the first. */
  arm: z.string(),
  rank: z.int().exactOptional(),
  word: z.enum(armWords),
  /** Why, in one sentence with its interval. */
  why: z.string(),
  /** Shares 0..1, of the worst training: toxicity (or error rate), and what it must stay below. */
  rate: z.number().exactOptional(),
  limit: z.number().exactOptional(),
  /** The share kept of what full fine-tuning removes, or the difference from its reference, with one-sided bounds. */
  measure: z.enum(['kept', 'difference']).exactOptional(),
  estimate: z.number().exactOptional(),
  lower: z.number().exactOptional(),
  upper: z.number().exactOptional(),
  /** One-sided p value of "safe on average", and the level it was tested at. */
  p: z.number().exactOptional(),
  level: z.number().exactOptional(),
});
export type ArmVerdict = Immutable<z.output<typeof armVerdictSchema>>;

const place = z.object({ at: z.number(), text: z.string() });

const forestRow = z.object({
  /** `r8`, or the name of a group. */
  label: z.string(),
  kind: z.enum(['rank', 'group']),
  /** Estimate and bounds on the axis; absent bounds have no end, and a row without an estimate has no mark. */
  estimate: z.number().exactOptional(),
  lower: z.number().exactOptional(),
  upper: z.number().exactOptional(),
  verdict: verdictKind,
  /** The verdict in a word or two, with what it hangs on. */
  word: z.string(),
});
export type ForestRow = Immutable<z.output<typeof forestRow>>;

const forest = z.object({
  title: z.string(),
  /** What the axis measures, in one sentence. */
  caption: z.string(),
  /** Ends of the axis; what lies beyond is cut and marked. */
  left: z.number(),
  right: z.number(),
  ticks: z.array(place),
  /** Names of places on the axis: as toxic as full fine-tuning, as the base. */
  places: z.array(place),
  limit: place,
  /** Ranks ascending, each followed by the groups that are not shown to hold. */
  rows: z.array(forestRow),
});
/** The forest picture, described: a bar a rank against the limit. */
export type Forest = Immutable<z.output<typeof forest>>;

export const runVerdictSchema = z.object({
  /** The first line of every surface. */
  answer: z.string(),
  why: z.array(z.string()),
  next: z.array(z.string()),
  /** Why it is not the declared verdict, where it is not. */
  exploratory: z.string().exactOptional(),
  goal: z.enum(['mitigate', 'preserve', 'match']),
  /** Templates and ranks that it rests on; smallest ranks are absent where none is shown. */
  templates: z.int().min(0),
  smallestSafe: z.int().exactOptional(),
  smallestSafeOnAverage: z.int().exactOptional(),
  /** One a rank, ascending, then full fine-tuning where it has no result or is broken. */
  arms: z.array(armVerdictSchema),
  forest: forest.exactOptional(),
});
export type RunVerdict = Immutable<z.output<typeof runVerdictSchema>>;

/** Why there is none, of a run that has finished. */
export const withoutVerdict =
  'No verdict: this run was begun by a version that did not declare what a safe rank is before the first completion.';

/** Ids of the arms that are broken: what is less toxic of them is no merit. */
export function brokenArms(verdict: RunVerdict | undefined): ReadonlySet<string> {
  return new Set(verdict?.arms.flatMap(({ arm, word }) => (word === 'broken' ? [arm] : [])));
}

/** The verdict of a run whose declaration is not the one that it was begun with, or that is exploratory for another reason. */
export function asExploratory(verdict: RunVerdict, reason: string): RunVerdict {
  if (verdict.exploratory !== undefined) return verdict;
  return {
    ...verdict,
    exploratory: reason,
    answer: verdict.answer.replace(/\.$/, ' (exploratory).'),
    why: [exploratoryLine(reason), ...verdict.why],
  };
}

export function exploratoryLine(reason: string): string {
  return `Exploratory: ${reason}. Its error rates are not those declared.`;
}
