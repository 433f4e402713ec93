import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { internal } from '../protocol/errors.ts';
import type { LaunchOptions } from './localProcess.ts';

/**
 * Finds the worker's script from the path of the running script: the bundle beside it in dist/, or, in a working
 * copy that was not built, the source, which tsx loads.
 */
export function engineEntry(runningScript: string): Pick<LaunchOptions, 'entry' | 'execArgv'> {
  const folder = dirname(runningScript);
  const bundle = join(folder, 'worker.cjs');
  if (existsSync(bundle)) return { entry: bundle };
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const source = join(at, 'server', 'worker', 'main.ts');
    if (existsSync(source)) return { entry: source, execArgv: ['--import', 'tsx'] };
  }
  throw internal(`worker.cjs is missing beside ${runningScript}`);
}
