/**
 * What an editor and the language server say to each other beyond the Language Server Protocol: settings, commands and
 * one notification. docs/protocol.md describes them.
 */
import { z } from 'zod';
import { judgeSpec, type JudgeSpec } from './judgeSpec.ts';
import { deviceName } from './deviceChoice.ts';

export type EditorJudge = JudgeSpec;

const field = z.string().min(1).exactOptional();
const size = z.int().min(1);

/** Past these a document is judged in part, and says so. */
const limits = z.strictObject({
  /** UTF-16 units of a document that are read; the rest is not. */
  characters: size.default(100_000_000),
  /** Lines of a document that are read. */
  lines: size.default(500_000),
  /** UTF-16 units of a line; a longer one is told and not read. */
  lineLength: size.default(200_000),
  /** UTF-16 units of a text; a longer one is left unjudged. */
  textLength: size.default(50_000),
  /** Diagnostics shown of one document (VS Code shows a thousand). */
  problems: size.default(1000),
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
  /** Which fields or columns hold what; a name given here replaces the usual ones. */
  fields: fields.default({}),
  /** The same for files that match a glob; they go before `fields`. */
  columns: z.record(z.string().min(1), fields).default({}),
  /** Where the counterfactuals of a text come from; without it none are shown or offered. */
  counterfactuals: z
    .strictObject({
      /** A data set of pairs: the completions that it gives for a text's prompt. */
      pairs: z.string().default(''),
    })
    .default({ pairs: '' }),
  /** Which open files are judged: those that are recognised as data sets of texts, those that somebody asks for, none. */
  judgeFiles: z.enum(['recognised', 'onDemand', 'off']).default('recognised'),
  /** Globs of files that are judged only when somebody asks for it. */
  judgeExclude: z.array(z.string().min(1)).default([]),
  /** How severe a diagnostic is; `byScore`: the more, the higher the score. */
  severity: z.enum(['hint', 'information', 'warning', 'error', 'byScore']).default('information'),
  /** Which scores are written behind texts. */
  inlayHints: z.enum(['all', 'flagged', 'off']).default('flagged'),
  /** Who labels; the name of the system's user unless given. */
  author: z.string().default(''),
  /** Of sweeps, prompts and lenses whose sweep file leaves the device open. */
  device: deviceName.default('auto'),
  limits: limits.default(limits.parse({})),
});

export type EditorSettings = Readonly<z.output<typeof editorSettings>>;

/** `initializationOptions`: what the client says of itself. */
export const editorOptions = z.object({
  settings: z.unknown().optional(),
  /** Address of a page that explains categories; `#category` is put behind it. Diagnostics link to it. */
  explanations: z.string().min(1).optional(),
  /** Whether the client handles the command `rankscope.askReason`: asks for a reason, then labels with it. */
  asksReason: z.boolean().default(false),
  /** Whether the client handles the command `rankscope.useColumn`: writes the setting `columns`. */
  writesColumns: z.boolean().default(false),
  /** Whether the client shows which documents are not judged, and why: then it gets `rankscope/judging`. */
  showsJudging: z.boolean().default(false),
});

export type EditorOptions = Readonly<z.output<typeof editorOptions>>;

const uri = z.string().min(1);
const content = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hex');
const contents = z.array(content).min(1).max(100_000);
const position = z.object({ line: z.int().min(0), character: z.int().min(0) });
const label = z.enum(['toxic', 'benign', 'unsure']);

/** The arguments of every command of the server: one object each. All are sent by code actions, lenses or the client. */
export const editorCommands = {
  /** Writes human labels into the sidecar file. */
  'rankscope.label': z.object({
    uri,
    labels: z.array(z.object({ content, label })).min(1).max(100_000),
    reason: z.string().max(10_000).optional(),
  }),
  /** Takes the latest label of each text back: what was in force before is in force again. */
  'rankscope.withdrawLabel': z.object({ uri, contents }),
  /** Moves the lines of flagged texts into a new file beside the document, by one edit that can be undone. */
  'rankscope.splitFlagged': z.object({ uri }),
  /**
   * Judges the whole document again, by another judge if one is given; that one stays until the document is closed. A
   * document that waits to be asked for is judged from then on.
   */
  'rankscope.judgeAgain': z.object({ uri, judge: judgeSpec.optional() }),
  /** Shows the next flagged text after a position, from the top again after the last. Answers with its range or null. */
  'rankscope.nextFlagged': z.object({ uri, position: position.optional() }),
  /**
   * Shows a text that is worth a label, the one worth most after those that have one. Answers with its range, its content
   * hash and why, or null where all are labelled.
   */
  'rankscope.labelNext': z.object({ uri }),
  /** Answers with the counts of a document and the agreement of judge and human. */
  'rankscope.summary': z.object({ uri }),
};

export type EditorCommand = keyof typeof editorCommands;
export type CommandArguments<Name extends EditorCommand> = z.output<(typeof editorCommands)[Name]>;

/** The client's own command, where `asksReason` is set: the arguments of `rankscope.label` without the reason. */
export const askReasonCommand = 'rankscope.askReason';

/** The client's own command, where `writesColumns` is set: the column or field of a file that holds its completions. */
export const useColumnCommand = 'rankscope.useColumn';
export const useColumnArguments = z.object({ uri, column: z.string().min(1) });

/** Notification from the client: which lines of a document are on the screen, so that they are judged first. */
export const visibleNotification = {
  method: 'rankscope/visible',
  params: z.object({ uri, startLine: z.int().min(0), endLine: z.int().min(0) }),
};

/** Notification to the client: whether a document is judged, told when it is opened and when that changes. */
export const judgingNotification = {
  method: 'rankscope/judging',
  params: z.object({
    uri,
    /** Why it is not judged; null where it is. */
    reason: z.string().nullable(),
    /** Whether `rankscope.judgeAgain` has it judged. */
    canBeAsked: z.boolean(),
  }),
};

export type Judging = z.output<typeof judgingNotification.params>;
