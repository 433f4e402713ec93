/** Entry of the extension. What is registered here is cheap; the language server starts when something needs it. */
import type { ExtensionContext } from 'vscode';

export function activate(context: ExtensionContext): void {
  context.subscriptions.push();
}
