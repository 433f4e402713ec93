/**
 * One request channel for every border between processes: whoever asks sends a request and hears events, then a reply
 * or an error; a request may be cancelled. Both ends validate what enters. Nothing is ever left unanswered: a handler
 * that throws, a reply that cannot be serialised and an end that closes all become errors.
 */
import { z } from 'zod';
import { errorDetails, errorDetailsSchema, RankscopeError, type ErrorCode, type ErrorDetails } from '../errors.ts';

/** Anything that carries messages both ways, in order: child-process IPC, a message port, two linked queues in a test. */
export interface Duplex {
  /** Sends one structured-cloneable message. Throws when it cannot be serialised or the other end is gone. */
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, when no more messages can arrive; `reason` says what became of the other end. */
  onClose(listener: (reason: ErrorDetails) => void): void;
}

const id = z.int().describe('Number of the request, chosen by the asking end and used once.');

export const askedSchema = z.discriminatedUnion('tag', [
  z
    .object({ tag: z.literal('request'), id, method: z.string(), params: z.unknown() })
    .describe('Asks for something; `params` are those of the method.'),
  z.object({ tag: z.literal('cancel'), id }).describe('Asks the other end to stop the request, which then still ends.'),
]);
/** What the asking end sends. */
type Asked = z.output<typeof askedSchema>;

export const answeredSchema = z.discriminatedUnion('tag', [
  z
    .object({ tag: z.literal('event'), id, event: z.unknown() })
    .describe('Something happened on the way; any number of them come before the end.'),
  z.object({ tag: z.literal('reply'), id, result: z.unknown() }).describe('The request has ended with a result.'),
  z.object({ tag: z.literal('error'), id, error: errorDetailsSchema }).describe('The request has ended without one.'),
]);
/** What the answering end sends. */
type Answered = z.output<typeof answeredSchema>;
const numbered = z.object({ id });

/** Checks an unknown value; throws when it is not a T. A zod schema is one. */
interface Schema<T> {
  parse(value: unknown): T;
}

interface Method {
  readonly params: Schema<unknown>;
  readonly result: Schema<unknown>;
  readonly event: Schema<unknown>;
}

/** Every method of one border, by name. */
export type Contract = Readonly<Record<string, Method>>;
/** A contract whose methods say what they are for: docs/protocol.md is written from it. */
export type DescribedContract = Readonly<Record<string, Method & { readonly about: string }>>;

type Valid<S> = S extends Schema<infer T> ? T : never;
export type Params<C extends Contract, M extends keyof C> = Valid<C[M]['params']>;
export type Result<C extends Contract, M extends keyof C> = Valid<C[M]['result']>;
export type EventOf<C extends Contract, M extends keyof C> = Valid<C[M]['event']>;

export interface RequestOptions<E> {
  readonly onEvent?: (event: E) => void;
  /** Aborting it asks the other end to stop; the request then ends as that end says, normally `cancelled`. */
  readonly signal?: AbortSignal;
}

export interface Client<C extends Contract> {
  /** Rejects with a RankscopeError: the handler's, or `engine` when the other end is gone. */
  request<M extends keyof C & string>(
    method: M,
    params: Params<C, M>,
    options?: RequestOptions<EventOf<C, M>>,
  ): Promise<Result<C, M>>;
}

export interface HandlerContext<E> {
  readonly emit: (event: E) => void;
  /** Aborted when the asking end cancels or disappears. */
  readonly signal: AbortSignal;
}

export type Handlers<C extends Contract> = {
  readonly [M in keyof C]: (params: Params<C, M>, context: HandlerContext<EventOf<C, M>>) => Promise<Result<C, M>>;
};

interface Pending {
  readonly method: string;
  readonly onEvent: ((event: unknown) => void) | undefined;
  settle(outcome: { readonly result: unknown } | { readonly error: RankscopeError }): void;
}

/** The asking end. */
export function openClient<C extends Contract>(contract: C, duplex: Duplex): Client<C> {
  const pending = new Map<number, Pending>();
  let closed: ErrorDetails | undefined;
  let lastId = 0;
  duplex.onMessage((message) => {
    const numberedMessage = numbered.safeParse(message);
    const waiting = numberedMessage.success ? pending.get(numberedMessage.data.id) : undefined;
    if (waiting) receive(contract, message, waiting);
  });
  duplex.onClose((reason) => {
    closed = reason;
    for (const waiting of [...pending.values()]) waiting.settle({ error: new RankscopeError(reason) });
  });
  return {
    request(method, params, options = {}) {
      if (closed) return Promise.reject(new RankscopeError(closed));
      if (options.signal?.aborted) return Promise.reject(cancelled(method));
      lastId += 1;
      return ask(
        duplex,
        pending,
        { tag: 'request', id: lastId, method, params },
        options as RequestOptions<unknown>,
      ) as never;
    },
  };
}

function ask(
  duplex: Duplex,
  pending: Map<number, Pending>,
  request: Asked & { readonly tag: 'request' },
  { onEvent, signal }: RequestOptions<unknown>,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const cancel = () => {
      sendQuietly(duplex, { tag: 'cancel', id: request.id });
    };
    const settle: Pending['settle'] = (outcome) => {
      pending.delete(request.id);
      signal?.removeEventListener('abort', cancel);
      if ('error' in outcome) reject(outcome.error);
      else resolve(outcome.result);
    };
    pending.set(request.id, { method: request.method, onEvent, settle });
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      duplex.send(request);
    } catch (error) {
      settle({ error: asError(error, 'engine', `the request ${request.method} could not be sent`) });
    }
  });
}

/** One answer to a request that is still open. One that does not fit the contract ends the request. */
function receive(contract: Contract, message: unknown, waiting: Pending): void {
  const method = contract[waiting.method];
  try {
    const answer = answeredSchema.parse(message);
    if (answer.tag === 'event') {
      const event = method?.event.parse(answer.event);
      waiting.onEvent?.(event);
    } else if (answer.tag === 'reply') waiting.settle({ result: method?.result.parse(answer.result) });
    else waiting.settle({ error: new RankscopeError(answer.error) });
  } catch (error) {
    waiting.settle({ error: asError(error, 'internal', `the answer to ${waiting.method} does not fit its contract`) });
  }
}

export interface ServeOptions {
  /** Hears of messages that belong to no request and of handlers' failures, for the log. */
  readonly onFault?: (error: unknown) => void;
}

/** The answering end: runs `handlers` for what arrives on `duplex` until it closes. */
export function serve<C extends Contract>(
  contract: C,
  duplex: Duplex,
  handlers: Handlers<C>,
  { onFault = () => undefined }: ServeOptions = {},
): void {
  const running = new Map<number, AbortController>();
  duplex.onMessage((message) => {
    const { data: asked } = askedSchema.safeParse(message);
    if (!asked) {
      onFault(new RankscopeError({ code: 'usage', what: 'a message is neither a request nor a cancel' }));
    } else if (asked.tag === 'cancel') {
      running.get(asked.id)?.abort(cancelled());
    } else {
      const controller = new AbortController();
      running.set(asked.id, controller);
      void answer(contract, duplex, handlers, asked, controller.signal, onFault).finally(() =>
        running.delete(asked.id),
      );
    }
  });
  duplex.onClose(() => {
    for (const controller of running.values()) controller.abort(cancelled());
  });
}

/** Runs one request to its single final answer. Never rejects. */
async function answer<C extends Contract>(
  contract: C,
  duplex: Duplex,
  handlers: Handlers<C>,
  { id, method, params }: Asked & { readonly tag: 'request' },
  signal: AbortSignal,
  onFault: (error: unknown) => void,
): Promise<void> {
  try {
    const known = Object.hasOwn(contract, method) ? contract[method] : undefined;
    if (known === undefined) throw new RankscopeError({ code: 'usage', what: `there is no request "${method}"` });
    const valid = parseParams(known, method, params);
    const emit = (event: unknown) => sendQuietly(duplex, { tag: 'event', id, event });
    const handler = handlers[method] as (params: unknown, context: HandlerContext<unknown>) => Promise<unknown>;
    duplex.send({ tag: 'reply', id, result: await handler(valid, { emit, signal }) } satisfies Answered);
  } catch (error) {
    onFault(error);
    sendQuietly(duplex, { tag: 'error', id, error: errorDetails(error) });
  }
}

function parseParams(method: Method, name: string, params: unknown): unknown {
  try {
    return method.params.parse(params);
  } catch (error) {
    throw asError(error, 'usage', `the parameters of ${name} are not valid`);
  }
}

/** A peer that is gone hears nothing; its closing ends what was open. */
function sendQuietly(duplex: Duplex, message: Asked | Answered): void {
  try {
    duplex.send(message);
  } catch {
    // Closing is reported by onClose, which both ends listen to.
  }
}

function asError(error: unknown, code: ErrorCode, what: string): RankscopeError {
  if (error instanceof RankscopeError) return error;
  return new RankscopeError({ code, what: `${what}: ${errorDetails(error).what}` }, { cause: error });
}

function cancelled(method?: string): RankscopeError {
  return new RankscopeError({
    code: 'cancelled',
    what: method ? `${method} was cancelled` : 'the request was cancelled',
  });
}
