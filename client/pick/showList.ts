import * as vscode from 'vscode';

/**
 * Lets a person pick from a list: one item, or several with `canPickMany`. Undefined where the person presses
 * Escape. The list stays open when the focus moves. Otherwise a panel that gets the focus back from the previous
 * step would close a list that has just opened.
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
