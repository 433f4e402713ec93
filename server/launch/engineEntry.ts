import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { internal } from '../protocol/errors.ts';
import type { LaunchOptions } from './localProcess.ts';

/**
 * Where the worker's script is, seen from the script that is running: beside a bundle in dist/, or the source, loaded
 * through tsx, in a working copy that has not been built.
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
