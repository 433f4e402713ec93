import { MessageType, ShowMessageNotification } from 'vscode-languageserver';
import { editorSettings } from '../../protocol/messages/editor.ts';
import { logFault } from './faultLog.ts';
import { changedSettingsParams, checked } from './messages.ts';
import type { ServerState } from './serverState.ts';

/** Applies new settings. Invalid settings change nothing, and the person gets a message that says what is wrong. */
export function useSettings(state: ServerState, given: unknown): void {
  const parsed = editorSettings.safeParse(given ?? {});
  if (!parsed.success) {
    const what = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    const message = `Rankscope: the settings cannot be used and stay as they were: ${what}`;
    void state.connection.sendNotification(ShowMessageNotification.type, { type: MessageType.Warning, message });
    return;
  }
  if (JSON.stringify(parsed.data) === JSON.stringify(state.settings)) return;
  state.settings = parsed.data;
  for (const session of state.documents.all()) {
    state.publisher.outdated(session.document.uri);
    session.readAgain();
  }
}

/** Requests the settings from an editor that supports it. */
export async function readSettings(state: ServerState): Promise<void> {
  if (!state.support.configuration) return;
  const given: unknown = await state.connection.workspace.getConfiguration('rankscope');
  // An editor that does not know the section answers null. Then the settings from the start remain.
  if (given !== null && given !== undefined) useSettings(state, given);
}

/** Reads changed settings: by a request, or from the notification of a client that does not support the request. */
export async function changedSettings(state: ServerState, given: unknown): Promise<void> {
  try {
    if (state.support.configuration) {
      await readSettings(state);
      return;
    }
    useSettings(state, checked(changedSettingsParams, given, 'didChangeConfiguration')?.settings?.rankscope);
  } catch (error) {
    logFault(state.connection, error);
  }
}
