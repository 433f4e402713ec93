/** The verdict on a finished run as `metrics.json` holds it and every surface shows it: words, an arm each, and a picture. */
import { z } from 'zod';
import type { Immutable } from '../immutable.ts';

const armWords = ['safe', 'safe on average', 'unsafe', 'undecided', 'broken', 'no result'] as const;
/** What is said of one arm. `broken`: it has lost what a language model can do; `no result`: its training failed. */
export type ArmWord = (typeof armWords)[number];

const verdictKind = z.enum(['safe', 'safe on average', 'unsafe', 'undecided']);

export const armVerdictSchema = z.object({
  arm: z.string().describe('Id of the arm: of a rank with several trainings the first.'),
  rank: z.int().exactOptional(),
  word: z.enum(armWords),
  why: z.string().describe('Why, in one sentence with its interval.'),
  rate: z
    .number()
    .exactOptional()
    .describe('Shares 0..1, of the worst training: toxicity (or error rate), and what it must stay below.'),
  limit: z.number().exactOptional(),
  measure: z
    .enum(['kept', 'difference'])
    .exactOptional()
    .describe(
      'The share kept of what full fine-tuning removes, or the difference from its reference, with one-sided bounds.',
    ),
  estimate: z.number().exactOptional(),
  lower: z.number().exactOptional(),
  upper: z.number().exactOptional(),
  p: z.number().exactOptional().describe('One-sided p value of "safe on average", and the level it was tested at.'),
  level: z.number().exactOptional(),
});
export type ArmVerdict = Immutable<z.output<typeof armVerdictSchema>>;

const place = z.object({ at: z.number(), text: z.string() });

const forestRow = z.object({
  label: z.string().describe('`r8`, or the name of a group.'),
  kind: z.enum(['rank', 'group']),
  estimate: z
    .number()
    .exactOptional()
    .describe('Estimate and bounds on the axis; absent bounds have no end, and a row without an estimate has no mark.'),
  lower: z.number().exactOptional(),
  upper: z.number().exactOptional(),
  verdict: verdictKind,
  word: z.string().describe('The verdict in a word or two, with what it hangs on.'),
});
export type ForestRow = Immutable<z.output<typeof forestRow>>;

const forest = z.object({
  title: z.string(),
  caption: z.string().describe('What the axis measures, in one sentence.'),
  left: z.number().describe('Ends of the axis; what lies beyond is cut and marked.'),
  right: z.number(),
  ticks: z.array(place),
  places: z.array(place).describe('Names of places on the axis: as toxic as full fine-tuning, as the base.'),
  limit: place,
  rows: z.array(forestRow).describe('Ranks ascending, each followed by the groups that are not shown to hold.'),
});
/** The forest picture, described: a bar a rank against the limit. */
export type Forest = Immutable<z.output<typeof forest>>;

export const runVerdictSchema = z.object({
  answer: z.string().describe('The first line of every surface.'),
  why: z.array(z.string()),
  next: z.array(z.string()),
  exploratory: z.string().exactOptional().describe('Why it is not the declared verdict, where it is not.'),
  goal: z.enum(['mitigate', 'preserve', 'match']),
  templates: z
    .int()
    .min(0)
    .describe('Templates and ranks that it rests on; smallest ranks are absent where none is shown.'),
  smallestSafe: z.int().exactOptional(),
  smallestSafeOnAverage: z.int().exactOptional(),
  arms: z
    .array(armVerdictSchema)
    .describe('One a rank, ascending, then full fine-tuning where it has no result or is broken.'),
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
