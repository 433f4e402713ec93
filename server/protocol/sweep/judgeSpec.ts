/** How a judge is named in a sweep file, in an editor's settings, on the command line and to the engine process. */
import { z } from 'zod';
import { judgeKinds, threshold, type JudgeKind, type JudgeKinds } from './judgeKinds.ts';

/** A judge that is not made of others. */
export type SingleJudgeSpec = Readonly<z.output<JudgeKinds[keyof JudgeKinds]['schema']>>;

/** The schema of every judge of a table. Paths are relative to what names them, and resolved before a judge is built. */
export function judgeSchema<Kinds extends Readonly<Record<string, JudgeKind>>>(kinds: Kinds) {
  type Schema = Kinds[keyof Kinds]['schema'];
  const single = Object.values(kinds).map(({ schema }) => schema) as [Schema, ...Schema[]];
  const combined = z.strictObject({
    kind: z.literal('combined'),
    judges: z.array(z.discriminatedUnion('kind', single)).min(1),
    rule: z
      .enum(['first', 'any', 'all', 'majority', 'mean'])
      .exactOptional()
      .describe("How models' verdicts become one, where no human gave one; the first that there is unless given."),
    threshold: threshold.describe('Of the rule "mean" alone: the mean score at and above which a text is toxic.'),
  });

  return z.discriminatedUnion('kind', [...single, combined]).describe('Who decides what is toxic.');
}

export const judgeSpec = judgeSchema(judgeKinds);

export type JudgeSpec = Readonly<z.output<typeof judgeSpec>>;

/** Names of the kinds that a specification may be of. */
export const judgeKindNames: readonly string[] = [...Object.keys(judgeKinds), 'combined'];

/** The judges that a specification is made of: itself, or those that it combines. */
export function singleJudges(spec: JudgeSpec): readonly SingleJudgeSpec[] {
  return spec.kind === 'combined' ? spec.judges : [spec];
}

/** The entry of a judge's kind in the table. */
export const judgeKindOf = ({ kind }: SingleJudgeSpec): JudgeKind => judgeKinds[kind];
