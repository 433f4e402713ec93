import type { RunSummary } from '../../../protocol/messages/runsContract.ts';
import { fileStamp } from '../../../runs/lineIndex.ts';
import { runFolder } from '../../../runs/runFolder.ts';
import type { FollowedRuns } from './followedRuns.ts';
import { newestFirst, readRuns } from '../ownership/findRuns.ts';
import { viewOf } from './runUpdates.ts';

export interface ListPorts {
  readonly runs: FollowedRuns;
  /** Whether this server is running it now. */
  readonly isRunning: (run: string) => boolean;
  readonly log: (what: string) => void;
  readonly now: () => number;
}

/** Lists runs, newest first. The summary of a run that has ended is kept until its files change. */
export class RunList {
  readonly #ports: ListPorts;
  readonly #ended = new Map<string, { readonly stamp: string; readonly summary: RunSummary }>();

  constructor(ports: ListPorts) {
    this.#ports = ports;
  }

  /** The runs under folders. A damaged run is left out and reported in the log. */
  async under(folders: readonly string[]): Promise<RunSummary[]> {
    return (await readRuns(folders, this.#ports.log, (run) => this.#summary(run))).sort(newestFirst);
  }

  async #summary(path: string): Promise<RunSummary> {
    const { runs, isRunning, now } = this.#ports;
    const { record, sweep, events } = runFolder(path);
    const stamps = await Promise.all([record, sweep, events].map(fileStamp));
    const stamp = stamps.map((own) => own ?? '').join(' ');
    const known = this.#ended.get(path);
    if (known?.stamp === stamp && !isRunning(path)) return known.summary;
    const run = await runs.open(path);
    const { arms, ...view } = viewOf(run, now());
    const { name, state, created, experiment, model } = view;
    const shown = arms.map((arm) => ({ id: arm.description.id, state: arm.state }));
    const answer = view.metrics?.verdict?.answer;
    const summary = {
      ...{ run: view.run, name, state, created, experiment, model, arms: shown },
      ...(answer !== undefined && { answer }),
    };
    if (run.ended) this.#ended.set(path, { stamp, summary });
    else this.#ended.delete(path);
    return summary;
  }
}
