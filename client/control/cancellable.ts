import * as vscode from 'vscode';

/** Options for a long request. */
interface Watched {
  readonly signal: AbortSignal;
  readonly onEvent: (event: { readonly phase: string; readonly detail?: string | undefined }) => void;
}

/** Sends a request and shows its progress in a notification, which can cancel it. */
export async function cancellable<T>(title: string, send: (watched: Watched) => Promise<T>): Promise<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, (progress, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    return send({
      signal: stop.signal,
      onEvent: ({ phase, detail }) => progress.report({ message: detail ?? phase }),
    });
  });
}
