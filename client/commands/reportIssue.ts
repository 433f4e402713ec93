import { readFile, readdir } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Host } from '../host/host.ts';
import { issueText } from './issueText.ts';

const lastLines = 100;

/** Opens a document with the content of an issue report. Only the person can send it, after reading it. */
export async function reportIssue({ context, server }: Host): Promise<void> {
  const manifest = context.extension.packageJSON as { version?: string };
  const content = issueText({
    versions: {
      Rankscope: manifest.version ?? 'unknown',
      'VS Code': `${vscode.version} (${vscode.env.appHost})`,
      Node: process.version,
      System: `${process.platform} ${process.arch}`,
      'Language server': server.running ? 'running' : 'not running',
      Workspace: vscode.workspace.isTrusted ? 'trusted' : 'not trusted',
    },
    settings: changedSettings(),
    log: await lastLog(context.logUri.fsPath),
  });
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
  await vscode.window.showTextDocument(document);
}

/** Settings that differ from their defaults, by name. */
function changedSettings(): Readonly<Record<string, unknown>> {
  const section = vscode.workspace.getConfiguration('rankscope');
  const names = Object.keys(JSON.parse(JSON.stringify(section)) as object);
  return Object.fromEntries(
    names
      .map((name) => [name, section.get<unknown>(name), section.inspect(name)?.defaultValue] as const)
      .filter(([, value, usual]) => JSON.stringify(value) !== JSON.stringify(usual))
      .map(([name, value]) => [name, value]),
  );
}

async function lastLog(folder: string): Promise<readonly string[]> {
  try {
    const file = (await readdir(folder)).find((name) => name.endsWith('.log'));
    if (file === undefined) return [];
    const text = await readFile(path.join(folder, file), 'utf8');
    return text.trimEnd().split('\n').slice(-lastLines);
  } catch {
    // The log file does not exist before the first message.
    return [];
  }
}
