import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Runs the garbage collector now. It sees the small objects that hold large memories, not the memories, and would let
 * gigabytes of dead ones stand before it acts of itself.
 */
export const collectGarbage = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

/** Dead bytes that are worth the time of a collection, some 20 ms. */
const LARGE = 64 * 2 ** 20;

/** The same where so many bytes have died that it is worth its time. */
export function collectGarbageAfter(bytes: number): void {
  if (bytes > LARGE) collectGarbage();
}
