import type { Duplex } from '../protocol/messages/channel.ts';
import { RankscopeError, type ErrorDetails } from '../protocol/errors.ts';

/** The parts of a ChildProcess, or of `process` in a forked child, that carry messages. */
export interface IpcEnd {
  readonly connected?: boolean | undefined;
  send?(message: unknown, onSent: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

/**
 * Messages over the IPC channel of a forked process (advanced serialization: typed arrays arrive as such). `closed`
 * tells when and why it ended; each side knows that by other means.
 */
export function ipcDuplex(end: IpcEnd, closed: Promise<ErrorDetails>): Duplex {
  return {
    send(message) {
      if (!end.send || end.connected === false) {
        throw new RankscopeError({ code: 'engine', what: 'the other process has closed its channel' });
      }
      // A channel that breaks under a message is told by `closed`; without a listener Node would end the process for it.
      end.send(message, () => undefined);
    },
    onMessage: (listener) => void end.on('message', listener),
    onClose: (listener) => void closed.then(listener),
  };
}
