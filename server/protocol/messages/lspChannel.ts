import type { Duplex } from './channel.ts';
import type { ErrorDetails } from '../errors.ts';
import { channelMethod } from './runsContract.ts';

/** The part of a language client or of a server's connection that carries notifications. */
export interface NotificationEnd {
  sendNotification(method: string, params: unknown): Promise<void>;
  onNotification(method: string, handler: (params: unknown) => void): unknown;
}

/**
 * The channel inside the Language Server Protocol, either end of it. `closed` resolves when and why the other end is
 * gone: the notification itself cannot tell. A language client has to be started before anything is sent.
 */
export function lspDuplex(end: NotificationEnd, closed: Promise<ErrorDetails>): Duplex {
  return {
    // A connection that breaks under a message is told by `closed`.
    send: (message) => void end.sendNotification(channelMethod, message).catch(() => undefined),
    onMessage: (listener) => void end.onNotification(channelMethod, listener),
    onClose: (listener) => void closed.then(listener),
  };
}
