/**
 * The extension's end of the channel to a panel's page. The editor discards a hidden page and loads it anew when it
 * is shown. So each `hello` begins a new conversation, and ends the earlier one with its open requests.
 */
import { askedSchema, type Duplex } from '../../server/protocol/messages/channel.ts';
import type { ErrorDetails } from '../../server/protocol/errors.ts';

export interface PageEnd {
  post(message: unknown): void;
}

export interface Pages {
  /** Handles a message of the page. */
  receive(message: unknown): void;
  /** Reports that the page is gone. */
  close(): void;
}

const gone: ErrorDetails = { code: 'cancelled', what: 'the panel was hidden or closed' };

/** `serve` receives a new duplex for each page. */
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
