import type { installCuda } from '../../../launch/installCuda.ts';
import type { Handlers } from '../../../protocol/messages/channel.ts';
import { RankscopeError } from '../../../protocol/errors.ts';
import type { RunDeviceChoice, RunsContract } from '../../../protocol/messages/runsContract.ts';
import { readRecord } from '../../../runs/readRun.ts';
import { runFolder } from '../../../runs/runFolder.ts';
import { newestFirst, readRuns } from '../ownership/findRuns.ts';
import { titleOf } from '../live/runTitle.ts';

export interface DevicePorts {
  readonly install: typeof installCuda;
  readonly log: (what: string) => void;
}

/** Answers which devices were timed before and which can be installed. The engine answers which devices exist. */
export function deviceHandlers({
  install,
  log,
}: DevicePorts): Pick<Handlers<RunsContract>, 'devices.timings' | 'devices.install'> {
  return {
    'devices.timings': ({ folders }) => deviceTimings(folders, log),
    'devices.install': async (_, { emit, signal }) => {
      try {
        await install({ tell: (line) => emit({ line }), signal });
      } catch (error) {
        if (!signal.aborted) throw error;
        const what = 'The installation was cancelled.';
        throw new RankscopeError({ code: 'cancelled', what }, { cause: error });
      }
      return null;
    },
  };
}

/**
 * The runs under folders whose device was chosen by timing, newest first. A run that cannot be read is reported in
 * the log.
 */
async function deviceTimings(folders: readonly string[], log: (what: string) => void): Promise<RunDeviceChoice[]> {
  const found = await readRuns(folders, log, async (run) => {
    const record = await readRecord(runFolder(run));
    const { created, sweep, deviceChoice: choice } = record;
    return choice && { run, name: titleOf(record), created, model: sweep.model, choice };
  });
  return found.sort(newestFirst);
}
