import type { Duplex } from '../protocol/messages/channel.ts';
import { RankscopeError, type ErrorDetails } from '../protocol/errors.ts';

/** The parts of a ChildProcess, or of `process` in a forked child, that carry messages. */
export interface IpcEnd {
  readonly connected?: boolean | undefined;
  send?(message: unknown, onSent: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

/**
 * Carries messages over the IPC channel of a forked process. Advanced serialization keeps typed arrays as they are.
 * `closed` resolves with the reason when the channel ends; the two sides learn of this in different ways.
 */
export function ipcDuplex(end: IpcEnd, closed: Promise<ErrorDetails>): Duplex {
  return {
    send(message) {
      if (!end.send || end.connected === false) {
        throw new RankscopeError({ code: 'engine', what: 'the other process has closed its channel' });
      }
      // `closed` reports a channel that breaks under a message. Without this callback Node would end the process
      // for it.
      end.send(message, () => undefined);
    },
    onMessage: (listener) => void end.on('message', listener),
    onClose: (listener) => void closed.then(listener),
  };
}
