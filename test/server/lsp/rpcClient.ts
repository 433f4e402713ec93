import type { Readable, Writable } from 'node:stream';

/** A minimal JSON-RPC client: it frames and correlates messages, without knowledge of the Language Server Protocol. */
export interface RpcClient {
  request(method: string, params?: unknown): Promise<unknown>;
  /** The request's number too, so that it can be cancelled. */
  send(method: string, params?: unknown): { readonly id: number; readonly answer: Promise<unknown> };
  notify(method: string, params?: unknown): void;
  /** Bytes as they are, however wrong. */
  raw(bytes: string | Buffer): void;
  /** The next notification of a method that passes, from those already here on; it is used up. */
  next(method: string, passes?: (params: never) => boolean): Promise<never>;
  /** Answers the server's requests of a method. */
  onRequest(method: string, handler: (params: never) => unknown): void;
  /** All notifications so far that nobody took. */
  readonly inbox: { readonly method: string; readonly params: unknown }[];
}

export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;
  constructor({ code, message, data }: { code: number; message: string; data?: unknown }) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

interface Message {
  id?: number;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

interface Waiting {
  readonly method: string;
  readonly passes: (params: never) => boolean;
  readonly resolve: (params: never) => void;
}

export function rpcClient(input: Readable, output: Writable): RpcClient {
  const open = new Map<number, { resolve: (value: unknown) => void; reject: (error: RpcError) => void }>();
  const handlers = new Map<string, (params: never) => unknown>();
  const inbox: { method: string; params: unknown }[] = [];
  let waiting: Waiting[] = [];
  let ids = 0;

  const write = (message: object): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    output.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  const receive = ({ id, method, params, result, error }: Message): void => {
    if (method === undefined) {
      const request = open.get(id ?? -1);
      open.delete(id ?? -1);
      if (error) request?.reject(new RpcError(error));
      else request?.resolve(result);
    } else if (id !== undefined) {
      const handler = handlers.get(method);
      write(
        handler ? { id, result: handler(params as never) ?? null } : { id, error: { code: -32601, message: method } },
      );
    } else {
      const taker = waiting.find((one) => one.method === method && one.passes(params as never));
      waiting = waiting.filter((one) => one !== taker);
      if (taker) taker.resolve(params as never);
      else inbox.push({ method, params });
    }
  };
  readFrames(input, (body) => receive(JSON.parse(body) as Message));

  const client: RpcClient = {
    inbox,
    request: (method, params) => client.send(method, params).answer,
    send: (method, params) => {
      const id = ++ids;
      const answer = new Promise<unknown>((resolve, reject) => open.set(id, { resolve, reject }));
      write({ id, method, params });
      return { id, answer };
    },
    notify: (method, params) => write({ method, params }),
    raw: (bytes) => void output.write(bytes),
    next: (method, passes = () => true) => {
      const at = inbox.findIndex((one) => one.method === method && passes(one.params as never));
      if (at >= 0) return Promise.resolve(inbox.splice(at, 1)[0]?.params as never);
      return new Promise((resolve) => waiting.push({ method, passes, resolve }));
    },
    onRequest: (method, handler) => void handlers.set(method, handler),
  };
  return client;
}

/** Cuts the stream into bodies. Chunks are joined once a body is whole, so that large ones cost linear time. */
function readFrames(input: Readable, onBody: (body: string) => void): void {
  let chunks: Buffer[] = [];
  let length = 0;
  let wanted = -1;
  input.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    for (;;) {
      if (wanted >= 0 && length < wanted) return;
      const all = Buffer.concat(chunks);
      if (wanted < 0) {
        const end = all.indexOf('\r\n\r\n');
        if (end < 0) return;
        wanted = end + 4 + Number(/Content-Length: (\d+)/i.exec(all.toString('ascii', 0, end))?.[1]);
        if (length < wanted) {
          chunks = [all];
          return;
        }
      }
      const start = all.indexOf('\r\n\r\n') + 4;
      onBody(all.toString('utf8', start, wanted));
      chunks = [all.subarray(wanted)];
      length -= wanted;
      wanted = -1;
    }
  });
}
