import * as vscode from 'vscode';
import { downloads } from './downloads.ts';

/** Asks the person before a model is downloaded. */
export async function mayDownload(file: string): Promise<boolean> {
  const hub = await downloads(file);
  if (hub.length === 0) return true;
  const go = vscode.l10n.t('Download');
  const message = vscode.l10n.t('{0} is not on this disk.', hub.join(', '));
  const detail = vscode.l10n.t(
    'It is downloaded from the Hugging Face hub, unless it was before, and kept in its cache.',
  );
  return (await vscode.window.showWarningMessage(message, { modal: true, detail }, go)) === go;
}
