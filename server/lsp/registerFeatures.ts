import {
  type CancellationToken,
  type DocumentDiagnosticReport,
  DocumentDiagnosticReportKind,
  type Position,
} from 'vscode-languageserver';
import type { z } from 'zod';
import type { Span } from '../dataset/example.ts';
import type { Counterfactuals } from './features/counterfactualPairs.ts';
import { examplesIn, type JudgedDocument } from './documents/judgedDocument.ts';
import { absolutePath, folderOf } from './session/workspacePaths.ts';
import type { DocumentSession } from './documents/documentSession.ts';
import { codeActions } from './features/codeActions.ts';
import { codeLens } from './features/codeLens.ts';
import { diagnostics } from './features/diagnostics.ts';
import { documentSymbols } from './features/documentSymbols.ts';
import { hover } from './features/hover.ts';
import { inlayHints } from './features/inlayHints.ts';
import { spanOf } from './features/ranges.ts';
import { semanticTokens } from './features/semanticTokens.ts';
import * as messages from './session/messages.ts';
import { responseError } from './session/responseError.ts';
import type { ServerState } from './session/serverState.ts';

interface DocumentParams {
  readonly textDocument: { readonly uri: string };
}

/** Registers all requests about documents. Each is answered at once, with what is known so far. */
export function registerFeatures(state: ServerState): void {
  const { connection, support, options } = state;
  const about = <Schema extends z.ZodType<DocumentParams>, Result>(
    schema: Schema,
    empty: Result,
    handler: (session: DocumentSession, params: z.output<Schema>, token: CancellationToken) => Result | Promise<Result>,
  ) => documentHandler(state, schema, empty, handler);
  const span = (session: DocumentSession, range: Parameters<typeof spanOf>[1]): Span =>
    spanOf(session.document.text, range);

  connection.onHover(
    about(messages.atPosition, null, async ({ document }, { position }) => {
      const counterfactuals = await counterfactualsAt(state, document, pointSpan(document, position));
      return hover(document, position, { markdown: support.markdown, counterfactuals }) ?? null;
    }),
  );
  connection.languages.inlayHint.on(
    about(messages.inRange, [], (session, { range }) => {
      // Editors request hints for the visible lines, which reveals what is visible.
      session.show(range.start.line, range.end.line);
      return inlayHints(session.document, span(session, range), state.settings.inlayHints);
    }),
  );
  connection.onCodeLens(
    about(messages.aboutDocument, [], ({ document, notJudged }) => codeLens(document, notJudged, options)),
  );
  connection.onCodeAction(
    about(messages.inRange, [], async (session, { range }) => {
      const known = await counterfactualsAt(state, session.document, span(session, range));
      return codeActions(session.document, span(session, range), {
        counterfactuals: known?.texts,
        asksReason: options.asksReason,
        writesColumns: options.writesColumns,
        version: support.documentChanges ? session.document.text.version : null,
      });
    }),
  );
  connection.onDocumentSymbol(
    about(messages.aboutDocument, [], ({ document }) => documentSymbols(document, state.settings.limits.problems)),
  );
  connection.languages.semanticTokens.on(
    about(messages.aboutDocument, { data: [] }, ({ document }) =>
      semanticTokens(document, { start: 0, end: document.text.length }),
    ),
  );
  connection.languages.semanticTokens.onRange(
    about(messages.inRange, { data: [] }, (session, { range }) =>
      semanticTokens(session.document, span(session, range)),
    ),
  );
  connection.languages.diagnostics.on(
    about(messages.pullParams, noReport, (session, _, token) => answerPull(state, session, token)),
  );
}

function pointSpan({ text }: JudgedDocument, position: Position): Span {
  const offset = text.offsetAt(position);
  return { start: offset, end: offset };
}

/** The counterfactuals of the first text that a span touches; undefined where the settings name no file of them. */
async function counterfactualsAt(
  { settings, counterfactuals, folders }: ServerState,
  document: JudgedDocument,
  span: Span,
): Promise<Counterfactuals | undefined> {
  const { pairs } = settings.counterfactuals;
  const [first] = pairs === '' ? [] : examplesIn(document, span);
  const example = first === undefined ? undefined : document.examples[first];
  if (pairs === '' || example === undefined) return undefined;
  const path = absolutePath(pairs, folderOf(document.uri, folders));
  return counterfactuals.of(path, example);
}

/** Checks a request, finds its document, and turns an exception into an error response. */
function documentHandler<Schema extends z.ZodType<DocumentParams>, Result>(
  { documents, publisher }: ServerState,
  schema: Schema,
  empty: Result,
  handler: (session: DocumentSession, params: z.output<Schema>, token: CancellationToken) => Result | Promise<Result>,
): (given: unknown, token: CancellationToken) => Promise<Result> {
  return async (given, token) => {
    try {
      const params = messages.checked(schema, given, 'about a document');
      const session = documents.get(params.textDocument.uri);
      if (session === undefined) return empty;
      publisher.answered(session);
      return await handler(session, params, token);
    } catch (error) {
      throw responseError(error);
    }
  };
}

const noReport: DocumentDiagnosticReport = { kind: DocumentDiagnosticReportKind.Full, items: [] };

/**
 * A client that does not support a refresh request gets its answer when judging has finished, or when it cancels
 * the request.
 */
async function answerPull(
  { support, settings, options }: ServerState,
  session: DocumentSession,
  token: CancellationToken,
): Promise<DocumentDiagnosticReport> {
  if (!support.refreshDiagnostics) await Promise.race([session.settled(), whenCancelled(token)]);
  const items = diagnostics(session.document, {
    limit: settings.limits.problems,
    severity: settings.severity,
    related: support.relatedInformation,
    explanations: options.explanations,
  });
  return { kind: DocumentDiagnosticReportKind.Full, items };
}

function whenCancelled(token: CancellationToken): Promise<void> {
  return new Promise((resolve) => {
    if (token.isCancellationRequested) resolve();
    token.onCancellationRequested(() => resolve());
  });
}
