/** Bounds work whose length a file decides: a template that loops, a pattern that backtracks for ages. */
import { createContext, Script } from 'node:vm';

/** Work that takes longer is taken for work without end. Usual work takes less than a millisecond. */
const LONGEST_MILLISECONDS = 2000;

const bench = createContext({ work: (): unknown => undefined });
const working = new Script('work()');

/** What `withinTime` throws where the work took too long. */
export class WorkWithoutEnd extends Error {}

/**
 * Runs a function of ours, and gives back its value. The system ends it from outside after two seconds, also within a regular
 * expression: WorkWithoutEnd is thrown then. Setting up the bound takes a sixth of a millisecond.
 */
export function withinTime<T>(work: () => T, milliseconds = LONGEST_MILLISECONDS): T {
  const outer = bench.work as () => unknown;
  bench.work = work;
  try {
    return working.runInContext(bench, { timeout: milliseconds }) as T;
  } catch (error) {
    // The error is of the bench's own classes, so that instanceof says no.
    const isOver = (error as { readonly code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    throw isOver ? new WorkWithoutEnd(`it timed out after ${milliseconds / 1000} seconds`) : error;
  } finally {
    bench.work = outer;
  }
}
