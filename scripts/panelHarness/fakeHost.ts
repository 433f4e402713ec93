/**
 * The extension, as far as a panel can tell: answers the panel's contract in the page itself, from made-up data. Runs in
 * the browser before the panel's own script. `?scenario=` chooses what it tells.
 */
import '../../webview/page/jitless.ts';
import { serve, type Duplex } from '../../server/protocol/messages/channel.ts';
import { panelContract } from '../../server/protocol/messages/panelContract.ts';
import { handlers } from './handlers.ts';
import { harnessWindow, type Harness } from './harnessWindow.ts';

const harness: Harness = { asked: [], kept: [], faults: [] };
harnessWindow.harness = harness;

let hear: (message: unknown) => void = () => undefined;

/** Both ways as copies, as the editor's messages are. */
const duplex: Duplex = {
  send: (message) => harnessWindow.postMessage(message, harnessWindow.origin),
  onMessage: (listener) => {
    hear = listener;
  },
  onClose: () => undefined,
};

harnessWindow.acquireVsCodeApi = () => ({
  postMessage(message) {
    const copy = harnessWindow.structuredClone(message);
    harness.asked.push(copy);
    queueMicrotask(() => hear(copy));
  },
  setState: (state) => harness.kept.push(state),
});

serve(panelContract, duplex, handlers(new URL(harnessWindow.location.href).searchParams), {
  onFault: (error) => harness.faults.push(String(error)),
});
