import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Runs the garbage collector now. It sees the small objects that hold large memories, not the memories, and would let
 * gigabytes of dead ones stand before it acts of itself.
 */
export const collect = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();
