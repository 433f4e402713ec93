/** The panel's end of the channel to the extension, over the messages of the webview. */
import './jitless.ts';
import { openClient, type Client, type Duplex } from '../../server/protocol/messages/channel.ts';
import { panelContract, type PanelContract } from '../../server/protocol/messages/panelContract.ts';
import type { PanelState } from '../../server/protocol/messages/panelStates.ts';

/** The interface that VS Code gives a webview. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export interface ExtensionLink {
  readonly client: Client<PanelContract>;
  /** Stores the state in the editor, which restores the panel from it after a reload of the window. */
  readonly setState: (state: PanelState) => void;
}

/** Opens the channel. Call it only once, since VS Code returns its interface only once. */
export function openExtension(): ExtensionLink {
  const api = acquireVsCodeApi();
  return { client: openClient(panelContract, windowDuplex(api)), setState: (state) => api.setState(state) };
}

/**
 * The duplex over the window's messages. Messages of other origins are ignored, since they do not come from the
 * extension. The other end never closes before the panel does, so that no close needs to be reported.
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
