import * as vscode from 'vscode';

/**
 * Lets a person pick from a list: one item, or several with `canPickMany`; undefined where they leave with Escape. The
 * list stays when the focus moves: a panel gets the focus back when the step before it closes, and would close a list
 * that had just been opened.
 */
export function showList<T extends vscode.QuickPickItem>(
  items: readonly T[],
  options: vscode.QuickPickOptions & { canPickMany: true },
): Thenable<readonly T[] | undefined>;
export function showList<T extends vscode.QuickPickItem>(
  items: readonly T[],
  options: vscode.QuickPickOptions,
): Thenable<T | undefined>;
export function showList<T extends vscode.QuickPickItem>(
  items: readonly T[],
  options: vscode.QuickPickOptions,
): Thenable<T | readonly T[] | undefined> {
  return vscode.window.showQuickPick(items, { ...options, ignoreFocusOut: true });
}
