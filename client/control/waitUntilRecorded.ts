import * as path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileExists } from '../workspace/fileExists.ts';

/** Waits until a run that has just been started is written down, which is when it can be shown; not for ever. */
export async function waitUntilRecorded(run: string, milliseconds = 30_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await fileExists(path.join(run, 'run.json'))) && Date.now() < end) await setTimeout(100);
}
