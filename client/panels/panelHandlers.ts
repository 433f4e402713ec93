import * as vscode from 'vscode';
import type { HandlerContext, Handlers } from '../../server/protocol/messages/channel.ts';
import { RankscopeError } from '../../server/protocol/errors.ts';
import { forwarded, panelCommands } from '../../server/protocol/messages/panelContract.ts';
import type { PanelContract } from '../../server/protocol/messages/panelContract.ts';
import type { PanelState } from '../../server/protocol/messages/panelStates.ts';
import type { LanguageServer } from '../server/languageServer.ts';
import { checkAsked, mayKeep } from './panelGuard.ts';
import { chooseDevice, chosenDevice } from './chosenDevice.ts';
import { saveChart } from './saveChart.ts';

/** The panel as its handlers see it. */
export interface PanelEnd {
  readonly state: PanelState;
  keep(state: PanelState): void;
  /** Folders in which the editor knows runs. */
  folders(): Promise<readonly string[]>;
  /** Reports that the page has resumed a run. */
  resumed(run: string): void;
}

/**
 * Answers the requests of a panel's page. Requests about runs are passed on to the server, the others are answered
 * here.
 */
export function panelHandlers(server: LanguageServer, panel: PanelEnd): Handlers<PanelContract> {
  return {
    ...forwardedHandlers(server, panel),
    hello: () => Promise.resolve({ state: panel.state, strings: { ...vscode.l10n.bundle } }),
    keepState: (state) => {
      if (!mayKeep(panel.state, state)) throw refused('keep a state that is not its own');
      panel.keep(state);
      return Promise.resolve(null);
    },
    command: async ({ command, arguments: given }) => {
      const argument = panelCommands[command].parse(given[0]);
      checkAsked(panel.state, command, argument);
      await vscode.commands.executeCommand(command, argument);
      return null;
    },
    ...deviceHandlers(server, panel),
    saveChart: async (chart) => ({ path: await saveChart(chart) }),
    copy: async ({ text }) => {
      await vscode.env.clipboard.writeText(text);
      return null;
    },
  };
}

type Forwarded = Pick<PanelContract, keyof typeof forwarded>;

function forwardedHandlers(server: LanguageServer, panel: PanelEnd): Handlers<Forwarded> {
  const pass = (method: keyof Forwarded) => async (params: unknown, context: HandlerContext<unknown>) => {
    checkAsked(panel.state, method, params);
    const listening = { onEvent: context.emit, signal: context.signal };
    // Both ends have checked the values. The compiler cannot express that this method belongs to these parameters.
    const result: unknown = await server.request(method, params as never, listening);
    if (method === 'run.resume') panel.resumed((params as { run: string }).run);
    return result;
  };
  const methods = Object.keys(forwarded) as (keyof Forwarded)[];
  return Object.fromEntries(methods.map((method) => [method, pass(method)])) as unknown as Handlers<Forwarded>;
}

/** Requests that only the devices panel may send. Probing and installing are passed on to the server. */
function deviceHandlers(
  server: LanguageServer,
  panel: PanelEnd,
): Pick<Handlers<PanelContract>, 'devices.chosen' | 'devices.choose' | 'devices.timings'> {
  return {
    'devices.chosen': () => Promise.resolve({ device: chosenDevice() }),
    'devices.choose': async ({ device }) => {
      checkAsked(panel.state, 'devices.choose', null);
      await chooseDevice(device);
      return null;
    },
    'devices.timings': async (_, { signal }) => {
      checkAsked(panel.state, 'devices.timings', null);
      return server.request('devices.timings', { folders: [...(await panel.folders())] }, { signal });
    },
  };
}

function refused(what: string): RankscopeError {
  return new RankscopeError({ code: 'usage', what: `a panel asked to ${what}` });
}
