import { RankscopeError } from '../../protocol/errors.ts';

export interface FetchBounds {
  /** How long the head of an answer may take, ms. */
  readonly headMilliseconds: number;
  /** How long a body may bring nothing, ms. */
  readonly idleMilliseconds: number;
  /** Requests in all: a listing may go on over pages, and a hostile one without end. */
  readonly requests: number;
}

export const hubBounds: FetchBounds = { headMilliseconds: 60_000, idleMilliseconds: 60_000, requests: 10_000 };

/**
 * A `fetch` that a server cannot hold for ever: it rejects with RankscopeError('network') when the head of an answer or the next
 * piece of a body does not come in time, and after too many requests. It ends when `signal` is aborted.
 */
export function boundedFetch(base: typeof fetch, bounds: FetchBounds, signal?: AbortSignal): typeof fetch {
  let requests = 0;
  return async (input, init) => {
    requests += 1;
    if (requests > bounds.requests) throw slow(`asked for more than ${bounds.requests} requests`);
    const ended = new AbortController();
    const own = [ended.signal, signal, init?.signal].filter((one) => one !== undefined && one !== null);
    const { headMilliseconds } = bounds;
    const timer = setTimeout(() => ended.abort(late(headMilliseconds)), headMilliseconds);
    try {
      const answer = await base(input, { ...init, signal: AbortSignal.any(own) });
      return answer.body === null ? answer : withBody(answer, watched(answer.body, bounds.idleMilliseconds, ended));
    } catch (error) {
      throw ended.signal.aborted ? ended.signal.reason : error;
    } finally {
      clearTimeout(timer);
    }
  };
}

/** The same answer with another body. Its address is kept, which a new answer would not have. */
function withBody(answer: Response, body: ReadableStream<Uint8Array>): Response {
  const { status, statusText, headers } = answer;
  const copy = new Response(body, { status, statusText, headers });
  return Object.defineProperties(copy, {
    url: { value: answer.url },
    redirected: { value: answer.redirected },
  });
}

/** The stream, which fails and ends its request when nothing comes for `milliseconds` while somebody waits. */
function watched(body: ReadableStream<Uint8Array>, milliseconds: number, ended: AbortController) {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      let timer: NodeJS.Timeout | undefined;
      const silence = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(late(milliseconds)), milliseconds);
      });
      try {
        const { done, value } = await Promise.race([reader.read(), silence]);
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        ended.abort(error);
        controller.error(error);
      } finally {
        clearTimeout(timer);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

const late = (milliseconds: number) => slow(`sent nothing for ${Math.round(milliseconds / 1000)} s`);

function slow(what: string): RankscopeError {
  return new RankscopeError({
    code: 'network',
    what: `the hub ${what}.`,
    remedy: 'Try again later, or give the folder or .gguf file of a local copy.',
  });
}
