import type { Connection } from 'vscode-languageserver';
import { RankscopeError } from '../../protocol/errors.ts';
import type { EditorSettings } from '../../protocol/messages/editor.ts';
import {
  type CommandAnswer,
  type CommandArguments,
  type EditorCommand,
  editorCommands,
} from '../../protocol/messages/editorCommands.ts';
import type { ClientSupport } from '../session/clientSupport.ts';
import { summary } from '../features/summary.ts';
import { appendLabels, labelPathOf } from '../../judges/labels/labelFile.ts';
import type { LabelRecord } from '../../protocol/labelRecord.ts';
import { checked } from '../session/messages.ts';
import type { OpenDocuments } from '../documents/openDocuments.ts';
import type { Publisher } from '../session/publisher.ts';
import type { ServerHost } from '../judges/serverHost.ts';
import { applySplit } from './applySplit.ts';
import { showLabelNext } from './showLabelNext.ts';
import { showNextFlagged } from './showNextFlagged.ts';

/** The parts of the server that commands use. */
export interface CommandContext {
  readonly connection: Connection;
  readonly documents: OpenDocuments;
  readonly support: ClientSupport;
  readonly settings: EditorSettings;
  readonly publisher: Publisher;
  readonly host: ServerHost;
}

type Handlers = {
  readonly [Name in EditorCommand]: (
    given: CommandArguments<Name>,
    context: CommandContext,
  ) => CommandAnswer<Name> | Promise<CommandAnswer<Name>>;
};

const handlers: Handlers = {
  'rankscope.label': async ({ uri, labels, reason }, context) => {
    const by = authorOf(context);
    const records = labels.map((one) => ({ ...one, ...by, ...(reason !== undefined && { reason }) }));
    const written = await writeLabels(uri, records, context);
    const contents = labels.map(({ content }) => content);
    return { ...written, undo: { command: 'rankscope.withdrawLabel' as const, arguments: [{ uri, contents }] } };
  },
  'rankscope.withdrawLabel': ({ uri, contents }, context) => {
    const by = authorOf(context);
    return writeLabels(
      uri,
      contents.map((content) => ({ content, label: 'none' as const, ...by })),
      context,
    );
  },
  'rankscope.splitFlagged': ({ uri }, context) => applySplit(context.documents.need(uri).document, context),
  'rankscope.judgeAgain': ({ uri, judge }, { documents, publisher }) => {
    const session = documents.need(uri);
    publisher.outdated(uri);
    session.judgeAgain(judge);
    return null;
  },
  'rankscope.nextFlagged': ({ uri, position }, context) =>
    showNextFlagged(context.documents.need(uri).document, position, context),
  'rankscope.labelNext': ({ uri }, context) => showLabelNext(context.documents.need(uri).document, context),
  'rankscope.summary': ({ uri }, { documents }) => summary(documents.need(uri).document),
};

/** Runs a command of the server. Throws `usage` for an unknown command and for invalid arguments. */
export function runCommand(name: string, given: readonly unknown[], context: CommandContext): unknown {
  if (!isCommand(name)) {
    const remedy = `The commands are ${Object.keys(editorCommands).join(', ')}.`;
    throw new RankscopeError({ code: 'usage', what: `There is no command "${name}".`, remedy });
  }
  return run(name, given[0], context);
}

function run(name: EditorCommand, given: unknown, context: CommandContext): unknown {
  // `editorCommands` has checked the arguments with the schema of this handler.
  const handler = handlers[name] as (given: unknown, context: CommandContext) => unknown;
  return handler(checked(editorCommands[name].params, given, name), context);
}

function isCommand(name: string): name is EditorCommand {
  return Object.hasOwn(editorCommands, name);
}

function authorOf({ settings, host }: CommandContext): { readonly author: string; readonly time: number } {
  return { author: settings.author === '' ? host.userName() : settings.author, time: host.now() };
}

/** Writes the labels to the disk before showing them, so that every label on the screen is stored. */
async function writeLabels(uri: string, records: readonly LabelRecord[], context: CommandContext) {
  const path = labelPathOf(uri);
  if (path === undefined) {
    const what = 'Labels are kept in a file beside the document, and the document is no file.';
    throw new RankscopeError({ code: 'usage', what, where: uri, remedy: 'Save the document first.' });
  }
  context.documents.need(uri);
  await appendLabels(path, records);
  context.publisher.outdated(uri);
  await context.documents.readLabels(uri);
  return { written: records.length };
}
