/**
 * The commands of the language server. Each takes one object. Code actions, code lenses and the client send them, as
 * `workspace/executeCommand`.
 */
import { z } from 'zod';
import { estimateSchema, unmeasuredSchema } from '../run/estimate.ts';
import { judgeSpec } from '../sweep/judgeSpec.ts';

const uri = z.string().min(1);
const content = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hex')
  .describe('SHA-256, hex, of the JSON array of prompt (or null) and text.');
const label = z.enum(['toxic', 'benign', 'unsure']);
const most = 100_000;
const count = z.int().min(0);

export const position = z.object({ line: count, character: count });
export const range = z.object({ start: position, end: position });

const written = count.describe('Labels that were written.');

const agreement = z.object({
  matrix: z.object({ truePositive: count, falsePositive: count, trueNegative: count, falseNegative: count }),
  n: count.describe('Texts with both a verdict and a label.'),
  unjudged: count.describe('Texts with a label whose judge failed.'),
  accuracy: estimateSchema,
  sensitivity: estimateSchema,
  specificity: estimateSchema,
  kappa: z.union([z.number(), unmeasuredSchema]).describe('Agreement beyond chance, -1..1.'),
});

const summary = z.object({
  texts: count,
  judged: count,
  toxic: count.describe('Texts that the judge calls toxic.'),
  unjudged: count,
  waiting: count.describe('Texts that are not judged yet.'),
  flagged: count.describe("Texts that are toxic by a human's word, or by the judge's where no human objects."),
  labelled: count.describe('Texts with a human label, "not sure" among them.'),
  unreadableLines: count,
  agreement: agreement
    .optional()
    .describe('Judge against human on texts labelled toxic or not toxic; absent where there are none.'),
});
export type DocumentSummary = Readonly<z.output<typeof summary>>;

const suggestion = z.object({ range, content, reason: z.string().describe('Why its label is worth most.') });
export type LabelSuggestion = Readonly<z.output<typeof suggestion>>;

export const editorCommands = {
  'rankscope.label': {
    about: 'Writes human labels into the label file of the document.',
    params: z.object({
      uri,
      labels: z.array(z.object({ content, label })).min(1).max(most),
      reason: z.string().max(10_000).optional(),
    }),
    result: z.object({
      written,
      undo: z
        .object({ command: z.literal('rankscope.withdrawLabel'), arguments: z.array(z.unknown()) })
        .describe('The command that takes these labels back.'),
    }),
  },
  'rankscope.withdrawLabel': {
    about: 'Takes the latest label of each text back: the label before it is in force again.',
    params: z.object({ uri, contents: z.array(content).min(1).max(most) }),
    result: z.object({ written }),
  },
  'rankscope.splitFlagged': {
    about: 'Moves the lines of flagged texts into a new file beside the document, by one edit that can be undone.',
    params: z.object({ uri }),
    result: z.object({ uri }).nullable().describe('The new file; null where no text is flagged.'),
  },
  'rankscope.judgeAgain': {
    about: 'Judges the whole document again. A document that waits until somebody asks for it is judged from then on.',
    params: z.object({
      uri,
      judge: judgeSpec
        .optional()
        .describe('Judges the document until it is closed; that of the settings unless given.'),
    }),
    result: z.null(),
  },
  'rankscope.nextFlagged': {
    about: 'Shows the next flagged text after a position, from the top again after the last.',
    params: z.object({ uri, position: position.optional() }),
    result: range.nullable().describe('Its range; null where no text is flagged.'),
  },
  'rankscope.labelNext': {
    about: 'Shows the text whose label is worth most (docs/judges.md).',
    params: z.object({ uri }),
    result: suggestion.nullable().describe('Null where all texts are labelled.'),
  },
  'rankscope.summary': {
    about: 'Counts the texts of a document, and compares its judge with its human labels.',
    params: z.object({ uri }),
    result: summary,
  },
};

export type EditorCommand = keyof typeof editorCommands;
export type CommandArguments<Name extends EditorCommand> = z.output<(typeof editorCommands)[Name]['params']>;
export type CommandAnswer<Name extends EditorCommand> = z.input<(typeof editorCommands)[Name]['result']>;
