/**
 * The end of the channel that a panel's page is on. A hidden page is thrown away by the editor and a shown one starts
 * anew, so each `hello` begins a new conversation and ends the one before, with all that it was waiting for.
 */
import { askedSchema, type Duplex } from '../../server/protocol/messages/channel.ts';
import type { ErrorDetails } from '../../server/protocol/errors.ts';

export interface PageEnd {
  post(message: unknown): void;
}

export interface Pages {
  /** A message of the page. */
  receive(message: unknown): void;
  /** The page is gone. */
  close(): void;
}

const gone: ErrorDetails = { code: 'cancelled', what: 'the panel was hidden or closed' };

/** `serve` is given a new duplex for each page. */
export function pages(end: PageEnd, serve: (duplex: Duplex) => void): Pages {
  let current: { hear(message: unknown): void; close(): void } | undefined;
  const begin = () => {
    current?.close();
    let listener: ((message: unknown) => void) | undefined;
    let onClose: ((reason: ErrorDetails) => void) | undefined;
    let open = true;
    serve({
      send: (message) => {
        if (open) end.post(message);
      },
      onMessage: (hear) => (listener = hear),
      onClose: (hear) => (onClose = hear),
    });
    current = {
      hear: (message) => listener?.(message),
      close: () => {
        open = false;
        onClose?.(gone);
      },
    };
  };
  return {
    receive: (message) => {
      if (isHello(message) || current === undefined) begin();
      current?.hear(message);
    },
    close: () => {
      current?.close();
      current = undefined;
    },
  };
}

function isHello(message: unknown): boolean {
  const { data } = askedSchema.safeParse(message);
  return data?.tag === 'request' && data.method === 'hello';
}
