import assert from 'node:assert/strict';
import { openClient } from '../../../../server/protocol/messages/channel.ts';
import type { ToxicitySweepFile } from '../../../../server/protocol/sweep/toxicitySweep.ts';
import type { DeviceSetting } from '../../../../server/protocol/devices/deviceChoice.ts';
import { workerContract } from '../../../../server/protocol/messages/worker.ts';
import { readRun } from '../../../../server/runs/readRun.ts';
import { startWorker } from '../../../../server/worker/startWorker.ts';
import { sweepFolder, type SweepFolder } from '../../experiments/sweepFolder.ts';
import { linkedDuplex } from '../../protocol/linkedDuplex.ts';
import { fakeHost } from '../fakeHost.ts';

describe('the device of the settings', () => {
  const folders: SweepFolder[] = [];
  afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

  /** The device that a run of the sweep is opened on, and that its record keeps for whoever resumes it. */
  async function deviceOf(over: Partial<ToxicitySweepFile>, device?: DeviceSetting): Promise<string[]> {
    const folder = sweepFolder(over);
    const { file, run } = folder;
    folders.push(folder);
    const host = fakeHost();
    const opened: string[] = [];
    const asked: typeof host.openModel = (reference, options) => {
      opened.push(options.device);
      return host.openModel(reference, options);
    };
    const link = linkedDuplex();
    startWorker({ ...host, openModel: asked }, link.answering);
    const params = { file, run, ...(device && { device }) };
    await openClient(workerContract, link.asking).request('sweep.start', params);
    return [...new Set(opened), (await readRun(run)).record.sweep.device];
  }

  it('is that of a sweep which leaves it open, and of its record', async () => {
    assert.deepEqual(await deviceOf({}, 'webgpu'), ['webgpu', 'webgpu']);
    assert.deepEqual(await deviceOf({}), ['auto', 'auto']);
  });

  it('gives way to the one that the file names', async () => {
    assert.deepEqual(await deviceOf({ device: 'cpu' }, 'webgpu'), ['cpu', 'cpu']);
  });
});
