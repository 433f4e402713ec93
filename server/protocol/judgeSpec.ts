/** How a judge is named in a sweep file and on the command line. */
import { z } from 'zod';

const lexicon = z.strictObject({
  kind: z.literal('lexicon'),
  hurtLex: z
    .string()
    .min(1)
    .optional()
    .describe('HurtLex TSV to join to the built-in list, relative to the sweep file.'),
});

export const judgeSpec = z.discriminatedUnion('kind', [lexicon]).describe('Who decides what is toxic.');

export type JudgeSpec = z.output<typeof judgeSpec>;
