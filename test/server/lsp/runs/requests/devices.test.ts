import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeviceChoice } from '../../../../../server/protocol/devices/deviceChoice.ts';
import type { DeviceSetting } from '../../../../../server/protocol/devices/deviceChoice.ts';
import { RankscopeError } from '../../../../../server/protocol/errors.ts';
import type { InstallOptions } from '../../../../../server/launch/installCuda.ts';
import { RunStore } from '../../../../../server/runs/runStore.ts';
import { linkedServer, type LinkedServer } from '../../linkedServer.ts';
import { sampleRecord, temporaryFolder } from '../../../runs/sampleRun.ts';
import { fakeEngine } from '../runFixture.ts';
import { runsClient } from '../runsClient.ts';

describe('devices, as the editor asks for them', () => {
  const folder = temporaryFolder();
  const servers: LinkedServer[] = [];
  after(() => folder.remove());
  afterEach(() => servers.splice(0).forEach((server) => server.end()));

  async function start(host: Parameters<typeof linkedServer>[0], settings: object = {}) {
    const server = linkedServer(host);
    servers.push(server);
    const initializationOptions = { settings };
    await server.request('initialize', { processId: null, rootUri: null, capabilities: {}, initializationOptions });
    return runsClient(server);
  }

  it('are what the engine finds', async () => {
    const cuda = { name: 'cuda', available: false, detail: 'a library is missing', remedy: 'x', installable: true };
    const client = await start({ launchEngine: () => fakeEngine({ devices: () => Promise.resolve([cuda]) }) });
    assert.deepEqual(await client.request('devices', null), [cuda]);
  });

  it('have the timings that runs were chosen by, newest first, and none of runs that named a device', async () => {
    const runs = join(folder.path, 'timed');
    await mkdir(runs);
    const write = async (id: string, created: string, deviceChoice?: DeviceChoice) => {
      const record = { ...sampleRecord, id, created };
      const chosen = deviceChoice && { deviceChoice: { ...deviceChoice, timings: [...deviceChoice.timings] } };
      await (await RunStore.create(join(runs, id), { ...record, ...chosen }, { onEvent: () => undefined })).close();
    };
    await write('old', '2026-01-01T00:00:00.000Z', { chosen: 'cpu', timings: [{ device: 'cpu', seconds: 0.5 }] });
    await write('new', '2026-02-01T00:00:00.000Z', { chosen: 'cpu', timings: [] });
    await write('named', '2026-03-01T00:00:00.000Z');
    const client = await start({});
    const timings = await client.request('devices.timings', { folders: [runs] });
    assert.deepEqual(
      timings.map(({ run, choice: { timings: timed } }) => [run, timed.length]),
      [
        [join(runs, 'new'), 0],
        [join(runs, 'old'), 1],
      ],
    );
  });

  it('get the provider with its progress, or the reason why it cannot be had', async () => {
    const installCuda = ({ tell }: InstallOptions) => {
      tell('12 MiB so far');
      return Promise.reject(new RankscopeError({ code: 'network', what: 'no connection', remedy: 'Try again.' }));
    };
    const client = await start({ installCuda });
    const lines: string[] = [];
    const asked = client.request(
      'devices.install',
      { provider: 'cuda' },
      { onEvent: ({ line }) => void lines.push(line) },
    );
    await assert.rejects(asked, { code: 'network' });
    assert.deepEqual(lines, ['12 MiB so far']);
  });

  it('stop being installed when that is cancelled', async () => {
    let stopped = false;
    const installCuda = ({ signal }: InstallOptions) =>
      new Promise<void>((_, reject) => {
        signal?.addEventListener('abort', () => {
          stopped = true;
          reject(new DOMException('aborted', 'AbortError'));
        });
      });
    const client = await start({ installCuda });
    const stop = new AbortController();
    const asked = client.request('devices.install', { provider: 'cuda' }, { signal: stop.signal });
    setTimeout(() => stop.abort(), 20);
    await assert.rejects(asked, { code: 'cancelled' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(stopped, true);
  });

  it('are those of the settings for a sweep that leaves its device open', async () => {
    const asked: (DeviceSetting | undefined)[] = [];
    const launchEngine = () =>
      fakeEngine({
        'sweep.estimate': ({ device }) => {
          asked.push(device);
          return Promise.reject(new RankscopeError({ code: 'config', what: 'only a test' }));
        },
        'sweep.start': ({ device }) => {
          asked.push(device);
          return Promise.reject(new RankscopeError({ code: 'config', what: 'only a test' }));
        },
      });
    const client = await start({ launchEngine }, { device: 'webgpu' });
    await assert.rejects(client.request('estimate', { file: '/x.sweep.json' }), { code: 'config' });
    const out = join(folder.path, 'none');
    await assert.rejects(client.request('run.start', { file: '/x.sweep.json', out }), { code: 'config' });
    assert.deepEqual(asked, ['webgpu', 'webgpu']);
  });
});
