import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { RunEvent } from '../../../protocol/run/run.ts';
import { RankscopeError } from '../../../protocol/errors.ts';
import { runFolder } from '../../../runs/runFolder.ts';
import { FollowedRun } from './followedRun.ts';
import { RunReader } from '../history/runReader.ts';
import type { SweepStatus } from '../ownership/runningSweeps.ts';

/** Number of runs whose events stay in memory although nobody follows them. */
const mostUnfollowed = 20;

interface Entry {
  readonly run: Promise<FollowedRun>;
  /** Identifies the run, so that another run in the same folder is noticed. */
  readonly record: string;
}

/** The runs that clients have asked about. Each is read once for all clients. */
export class FollowedRuns {
  readonly #status: (run: string) => SweepStatus;
  readonly #entries = new Map<string, Entry>();

  constructor(status: (run: string) => SweepStatus) {
    this.#status = status;
  }

  /** The run in a folder, read up to now. Throws RankscopeError('run') where there is none. */
  async open(path: string): Promise<FollowedRun> {
    const key = resolve(path);
    const record = await identity(key);
    const known = this.#entries.get(key);
    const entry = known?.record === record ? known : { run: this.#read(key), record };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    try {
      const run = await entry.run;
      await run.refresh();
      await this.#forgetOldest();
      return run;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  /** Reports a change of a run, so that its followers read it again. */
  news(path: string, event?: RunEvent): void {
    void this.#entries.get(resolve(path))?.run.then(
      (run) => (event === undefined || run.followed ? run.changed() : undefined),
      () => undefined,
    );
  }

  async #read(path: string): Promise<FollowedRun> {
    const reader = await RunReader.open(path);
    return new FollowedRun(reader, () => this.#status(path));
  }

  async #forgetOldest(): Promise<void> {
    if (this.#entries.size <= mostUnfollowed) return;
    for (const [key, { run }] of [...this.#entries]) {
      if (this.#entries.size <= mostUnfollowed) return;
      const followed = await run.then(
        (one) => one.followed,
        () => false,
      );
      if (!followed) this.#entries.delete(key);
    }
  }
}

async function identity(path: string): Promise<string> {
  try {
    const { mtimeMs, ino } = await stat(runFolder(path).record);
    return `${ino} ${mtimeMs}`;
  } catch {
    throw new RankscopeError({
      code: 'run',
      what: 'There is no run here: run.json is missing.',
      where: path,
      remedy: 'Give the folder of a run.',
    });
  }
}
