import * as path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileExists } from '../workspace/fileExists.ts';

/** Waits until a new run has its record and can be shown, or until the time is over. */
export async function waitUntilRecorded(run: string, milliseconds = 30_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await fileExists(path.join(run, 'run.json'))) && Date.now() < end) await setTimeout(100);
}
