import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DecodedCompletion, DecodeOptions } from '../../engine/generate/decode.ts';
import { RankscopeError } from '../../protocol/errors.ts';

/** Shortest time between two turns of the event loop during decoding, ms. */
const interval = 100;

/**
 * Lets the event loop turn between tokens. A running program lets no message in, so that a cancellation would
 * otherwise arrive only after decoding. Throws RankscopeError('cancelled') once the signal is aborted.
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
