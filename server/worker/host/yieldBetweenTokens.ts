import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DecodedCompletion, DecodeOptions } from '../../engine/generate/decode.ts';
import { RankscopeError } from '../../protocol/errors.ts';

/** Least time between two turns of the event loop while completions grow, ms. */
const interval = 100;

/**
 * What is done between tokens: a program that runs lets no message in, so that a cancellation would be heard only when
 * all is decoded. Throws RankscopeError('cancelled') once the signal is aborted.
 */
export function yieldBetweenTokens(
  signal: AbortSignal | undefined,
  tell: (growing: readonly DecodedCompletion[]) => void,
  now: () => number = () => performance.now(),
): NonNullable<DecodeOptions['onToken']> {
  let last = now();
  return async (growing) => {
    if (now() - last < interval) return;
    tell(growing);
    await nextTurn();
    last = now();
    if (signal?.aborted) throw new RankscopeError({ code: 'cancelled', what: 'The work was cancelled.' });
  };
}
