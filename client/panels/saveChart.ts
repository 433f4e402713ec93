import * as path from 'node:path';
import * as vscode from 'vscode';
import { RankscopeError } from '../../server/protocol/errors.ts';
import { exportFolder } from '../workspace/exportFolder.ts';

interface Chart {
  readonly name: string;
  readonly kind: 'png' | 'svg';
  readonly content: string;
}

/**
 * Asks for a place and writes the picture there. Null where the person cancels; `usage` where the content is no
 * picture.
 */
export async function saveChart({ name, kind, content }: Chart): Promise<string | null> {
  const bytes = kind === 'png' ? Buffer.from(content, 'base64') : Buffer.from(content, 'utf8');
  if (!looksRight(kind, bytes)) throw new RankscopeError({ code: 'usage', what: `the chart is no ${kind} picture` });
  const file = `${name.replace(/[^\p{L}\p{N} ._-]+/gu, '-')}.${kind}`;
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Save Chart'),
    defaultUri: vscode.Uri.file(path.join(exportFolder(), file)),
    filters: kind === 'png' ? { PNG: ['png'] } : { SVG: ['svg'] },
  });
  if (target === undefined) return null;
  await vscode.workspace.fs.writeFile(target, bytes);
  return target.fsPath;
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

function looksRight(kind: Chart['kind'], bytes: Buffer): boolean {
  if (kind === 'png') return bytes.subarray(0, 4).equals(pngSignature);
  return /^\s*(<\?xml[^>]*>\s*)?<svg[\s>]/.test(bytes.toString('utf8', 0, 500));
}
