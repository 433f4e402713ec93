import * as vscode from 'vscode';
import type { CompletionRow } from '../../server/protocol/messages/runsContract.ts';
import type { LanguageServer } from '../server/languageServer.ts';
import { completionsOf, completionsScheme, type CompletionsOf } from './completionsUri.ts';
import { completionsText } from './completionsText.ts';

const pageSize = 500;
/** Most completions in one document. The panel shows all, page by page. */
const most = 20_000;

/** Serves arms' completions as read-only documents, for the diff editor and "Show Arm in Text". */
export function completionDocuments(server: LanguageServer): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(completionsScheme, {
    provideTextDocumentContent: async (uri, token) => {
      const of = completionsOf(uri);
      if (of === undefined) return vscode.l10n.t('This address names no completions.');
      const { rows, total } = await readRows(server, of, token);
      const wanted = of.promptIndex === undefined ? rows : rows.filter((row) => row.promptIndex === of.promptIndex);
      const text = completionsText(wanted, of.arm, vscode.l10n.t);
      return total > most ? `${text}\n${vscode.l10n.t('The first {0} of {1} completions.', most, total)}\n` : text;
    },
  });
}

async function readRows(server: LanguageServer, { run, arm }: CompletionsOf, token: vscode.CancellationToken) {
  const rows: CompletionRow[] = [];
  let total = 1;
  for (let offset = 0; offset < Math.min(total, most) && !token.isCancellationRequested; offset += pageSize) {
    const asked = { run, arms: [arm], offset, limit: pageSize, flaggedOnly: false };
    const page = await server.request('run.completions', asked);
    rows.push(...page.rows);
    total = page.total;
  }
  return { rows, total };
}
