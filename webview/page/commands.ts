/** The extension's commands, as buttons of panels run them. */
import type { PanelCommand, PanelCommandArgument } from '../../server/protocol/messages/panelContract.ts';
import type { Panel } from './startPanel.ts';

/** Runs a command of the extension; its failure is shown. */
export function runCommand<Name extends PanelCommand>(
  panel: Panel,
  command: Name,
  argument: PanelCommandArgument<Name>,
): void {
  panel.client.request('command', { command, arguments: [argument] }).catch(panel.notices.error);
}

/** Puts text on the clipboard and says so. */
export function copy(panel: Panel, text: string, said: string): void {
  panel.client
    .request('copy', { text })
    .then(() => panel.notices.announce(said))
    .catch(panel.notices.error);
}
