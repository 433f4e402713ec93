/** Runs the extension's commands from buttons of panels. */
import type { PanelCommand, PanelCommandArgument } from '../../server/protocol/messages/panelContract.ts';
import type { Panel } from './startPanel.ts';

/** Runs a command of the extension and shows its error if it fails. */
export function runCommand<Name extends PanelCommand>(
  panel: Panel,
  command: Name,
  argument: PanelCommandArgument<Name>,
): void {
  panel.client.request('command', { command, arguments: [argument] }).catch(panel.notices.error);
}

/** Copies text to the clipboard and announces it. */
export function copy(panel: Panel, text: string, said: string): void {
  panel.client
    .request('copy', { text })
    .then(() => panel.notices.announce(said))
    .catch(panel.notices.error);
}
