import * as vscode from 'vscode';
import { RankscopeError } from '../../server/protocol/errors.ts';

/** Throws `usage` in an untrusted workspace. `what` is a sentence that says what is not done. */
export function requireTrust(what: string): void {
  if (vscode.workspace.isTrusted) return;
  throw new RankscopeError({
    code: 'usage',
    what: vscode.l10n.t('This workspace is not trusted: {0}', what),
    remedy: vscode.l10n.t('Trust the workspace first, if you know where its files come from.'),
  });
}
