/** The panel's end of the channel to the extension, over the messages of the webview. */
import './jitless.ts';
import { openClient, type Client, type Duplex } from '../../server/protocol/messages/channel.ts';
import { panelContract, type PanelContract } from '../../server/protocol/messages/panelContract.ts';
import type { PanelState } from '../../server/protocol/messages/panelStates.ts';

/** What VS Code gives to a webview, once. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export interface ExtensionLink {
  readonly client: Client<PanelContract>;
  /** Leaves the state with the editor, which restores the panel from it after a reload of the window. */
  readonly setState: (state: PanelState) => void;
}

/** To be called once: VS Code gives its interface out a single time. */
export function openExtension(): ExtensionLink {
  const api = acquireVsCodeApi();
  return { client: openClient(panelContract, windowDuplex(api)), setState: (state) => api.setState(state) };
}

/**
 * Messages of other origins are not the extension's. The other end does not close before the panel does, so that there is
 * nothing to tell when it does.
 */
function windowDuplex(api: VsCodeApi): Duplex {
  return {
    send: (message) => api.postMessage(message),
    onMessage: (listener) => {
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (event.origin === window.origin) listener(event.data);
      });
    },
    onClose: () => undefined,
  };
}
