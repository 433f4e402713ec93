import type { Duplex } from '../../../server/protocol/messages/channel.ts';
import type { ErrorDetails } from '../../../server/protocol/errors.ts';

/** Two ends joined by structured cloning, as a process border would; messages arrive in later turns of the loop. */
export function linkedDuplex(): { asking: Duplex; answering: Duplex; close: (reason?: ErrorDetails) => void } {
  const ends = [0, 1].map(() => ({
    messages: [] as ((message: unknown) => void)[],
    closes: [] as ((reason: ErrorDetails) => void)[],
  }));
  const end = (own: number): Duplex => ({
    send: (message) => {
      const copy: unknown = structuredClone(message);
      setImmediate(() => ends[1 - own]!.messages.forEach((listener) => listener(copy)));
    },
    onMessage: (listener) => void ends[own]!.messages.push(listener),
    onClose: (listener) => void ends[own]!.closes.push(listener),
  });
  return {
    asking: end(0),
    answering: end(1),
    close: (reason = { code: 'engine', what: 'closed' }) =>
      ends.forEach(({ closes }) => closes.forEach((listener) => listener(reason))),
  };
}
