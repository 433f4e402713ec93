import { HubApiError } from '@huggingface/hub';
import { RankscopeError } from '../../protocol/errors.ts';

/** What went wrong between us and the hub, with the remedy that fits. Our own errors pass as they are. */
export function hubError(id: string, revision: string, error: unknown, signal?: AbortSignal): RankscopeError {
  if (signal?.aborted === true) {
    return new RankscopeError({ code: 'cancelled', what: 'the download was cancelled.', where: id }, { cause: error });
  }
  if (error instanceof RankscopeError) return error;
  return new RankscopeError({ where: id, ...describe(revision, error) }, { cause: error });
}

function describe(revision: string, error: unknown): { code: 'network' | 'model'; what: string; remedy: string } {
  const status = error instanceof HubApiError ? error.statusCode : undefined;
  if (status === 401 || status === 403) {
    return {
      code: 'network',
      what: `the hub refuses access (${status}): the model is gated, private or does not exist.`,
      remedy: 'Check the name; accept the terms on its page and set HF_TOKEN to a token that may read it.',
    };
  }
  if (status === 404) {
    return {
      code: 'model',
      what: `the hub has no such model, or no revision ${revision} of it.`,
      remedy: 'Check the name; a local model is given as the path of its folder or .gguf file.',
    };
  }
  return {
    code: 'network',
    what: `the hub could not be reached (${reason(error)}).`,
    remedy: 'Check the connection and the proxy, or give the folder or .gguf file of a local copy.',
  };
}

/** Node's fetch says only "fetch failed"; why stands in the cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
