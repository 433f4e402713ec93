/**
 * What an editor and the language server say to each other beyond the Language Server Protocol: settings, what the client
 * can do, and notifications. The server's commands are in editorCommands.ts; docs/protocol.md is written from both.
 */
import { z } from 'zod';
import { judgeSpec, type JudgeSpec } from '../sweep/judgeSpec.ts';
import { deviceName } from '../devices/deviceChoice.ts';

export type EditorJudge = JudgeSpec;

const field = z.string().min(1).exactOptional();
const size = z.int().min(1);

/** Past these a document is judged in part, and says so. */
const limits = z.strictObject({
  characters: size.default(100_000_000).describe('UTF-16 units of a document that are read; the rest is not.'),
  lines: size.default(500_000).describe('Lines of a document that are read.'),
  lineLength: size.default(200_000).describe('UTF-16 units of a line; a longer one is told and not read.'),
  textLength: size.default(50_000).describe('UTF-16 units of a text; a longer one is left unjudged.'),
  problems: size.default(1000).describe('Diagnostics shown of one document (VS Code shows a thousand).'),
});

export type EditorLimits = Readonly<z.output<typeof limits>>;

const fields = z.strictObject({
  text: field,
  prompt: field,
  completion: field,
  messages: field,
  chosen: field,
  rejected: field,
  label: field,
  group: field,
});

/** The section `rankscope` of an editor's settings; the same object may be given as `initializationOptions.settings`. */
export const editorSettings = z.object({
  judge: judgeSpec.default({ kind: 'lexicon' }),
  fields: fields.default({}).describe('Which fields or columns hold what; a name given here replaces the usual ones.'),
  columns: z
    .record(z.string().min(1), fields)
    .default({})
    .describe('The same for files that match a glob; they go before `fields`.'),
  counterfactuals: z
    .strictObject({
      pairs: z.string().default('').describe("A data set of pairs: the completions that it gives for a text's prompt."),
    })
    .default({ pairs: '' })
    .describe('Where the counterfactuals of a text come from; without it none are shown or offered.'),
  judgeFiles: z
    .enum(['recognised', 'onDemand', 'off'])
    .default('recognised')
    .describe(
      'Which open files are judged: those that are recognised as data sets of texts, those that somebody asks for, none.',
    ),
  judgeExclude: z
    .array(z.string().min(1))
    .default([])
    .describe('Globs of files that are judged only when somebody asks for it.'),
  severity: z
    .enum(['hint', 'information', 'warning', 'error', 'byScore'])
    .default('information')
    .describe('How severe a diagnostic is; `byScore`: the more, the higher the score.'),
  inlayHints: z.enum(['all', 'flagged', 'off']).default('flagged').describe('Which scores are written behind texts.'),
  author: z.string().default('').describe("Who labels; the name of the system's user unless given."),
  device: deviceName.default('auto').describe('Of sweeps, prompts and lenses whose sweep file leaves the device open.'),
  limits: limits.default(limits.parse({})),
});

export type EditorSettings = Readonly<z.output<typeof editorSettings>>;

/** `initializationOptions`: what the client says of itself. */
export const editorOptions = z.object({
  settings: z.unknown().optional(),
  explanations: z
    .string()
    .min(1)
    .optional()
    .describe('Address of a page that explains categories; `#category` is put behind it. Diagnostics link to it.'),
  asksReason: z
    .boolean()
    .default(false)
    .describe('Whether the client handles the command `rankscope.askReason`: asks for a reason, then labels with it.'),
  writesColumns: z
    .boolean()
    .default(false)
    .describe('Whether the client handles the command `rankscope.useColumn`: writes the setting `columns`.'),
  showsJudging: z
    .boolean()
    .default(false)
    .describe('Whether the client shows which documents are not judged, and why: then it gets `rankscope/judging`.'),
});

export type EditorOptions = Readonly<z.output<typeof editorOptions>>;

const uri = z.string().min(1);

export const askReasonCommand = 'rankscope.askReason';
export const askReasonAbout =
  'A command of the client, where `asksReason` is set: it asks the person for a reason, then sends `rankscope.label` with it. Its argument is that of `rankscope.label`, without the reason.';

export const useColumnCommand = 'rankscope.useColumn';
export const useColumnAbout =
  'A command of the client, where `writesColumns` is set: it writes into the setting `columns` which column or field of a file holds its completions.';
export const useColumnArguments = z.object({
  uri,
  column: z
    .string()
    .min(1)
    .exactOptional()
    .describe('The column; without it the client lets the person pick one of `columns`.'),
  columns: z.array(z.string().min(1)).exactOptional(),
});

export const visibleNotification = {
  about:
    'From the client: which lines of a document are on the screen, so that they are judged first. Without it the range of the last `inlayHint` request is taken.',
  method: 'rankscope/visible',
  params: z.object({ uri, startLine: z.int().min(0), endLine: z.int().min(0) }),
};

export const judgingNotification = {
  about:
    'To the client, where `showsJudging` is set: whether a document is judged. It is sent when a document is opened and when that changes.',
  method: 'rankscope/judging',
  params: z.object({
    uri,
    reason: z.string().nullable().describe('Why it is not judged; null where it is.'),
    canBeAsked: z.boolean().describe('Whether `rankscope.judgeAgain` has it judged.'),
  }),
};

export type Judging = z.output<typeof judgingNotification.params>;
