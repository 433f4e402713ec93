/** Devices of a machine that is not there. */
import type { Handlers } from '../../server/protocol/messages/channel.ts';
import type { DeviceSetting } from '../../server/protocol/devices/deviceChoice.ts';
import { RankscopeError } from '../../server/protocol/errors.ts';
import type { PanelContract } from '../../server/protocol/messages/panelContract.ts';
import type { RunDeviceChoice } from '../../server/protocol/messages/runsContract.ts';
import type { DeviceDescription } from '../../server/protocol/messages/worker.ts';
import { hostile } from './sampleArms.ts';
import { runPath } from './sampleRun.ts';

const devices: readonly DeviceDescription[] = [
  { name: 'cpu', available: true, precision: 'float32', memoryBytes: 17e9, detail: 'A processor, 400 of 400 nodes' },
  { name: 'webgpu', available: true, precision: 'float32', memoryBytes: 8e9, detail: `A card ${hostile}` },
  {
    name: 'cuda',
    available: false,
    precision: 'float32',
    detail: 'the provider library of CUDA is missing',
    remedy: 'Run "rankscope devices install cuda".',
    installable: true,
  },
  {
    name: 'dml',
    available: false,
    precision: 'float32',
    detail: 'DirectML is not in onnxruntime-node on this system',
    remedy: 'It is to be had on Windows.',
  },
];

const timings: readonly RunDeviceChoice[] = [
  {
    run: runPath,
    name: `Demo sweep ${hostile}`,
    created: '2026-03-04T10:00:00.000Z',
    model: '/home/ada/models/demo',
    choice: {
      chosen: 'webgpu',
      timings: [
        { device: 'cpu', seconds: 0.41, loss: 3.217, nodes: 412, onDevice: 412 },
        { device: 'webgpu', seconds: 0.12, loss: 3.2171, nodes: 430, onDevice: 430 },
        { device: 'cuda', reason: 'its losses differ from the CPU' },
      ],
    },
  },
];

type Asked = 'devices' | 'devices.chosen' | 'devices.choose' | 'devices.timings' | 'devices.install';

export function sampleDevices(scenario: string): Pick<Handlers<PanelContract>, Asked> {
  let chosen: DeviceSetting = 'auto';
  let failed = false;
  return {
    devices: () => Promise.resolve([...devices]),
    'devices.chosen': () => Promise.resolve({ device: chosen }),
    'devices.choose': ({ device }) => {
      chosen = device;
      return Promise.resolve(null);
    },
    'devices.timings': () => Promise.resolve(scenario === 'empty' ? [] : [...timings]),
    'devices.install': async (_, { emit, signal }) => {
      // The first time it fails; then it goes on for as long as it takes to be cancelled.
      for (let at = 10; at <= (failed ? 10_000 : 40); at += 10) {
        emit({ line: `${at} MiB so far` });
        await new Promise((resolve) => setTimeout(resolve, 700));
        if (signal.aborted) throw new RankscopeError({ code: 'cancelled', what: 'The installation was cancelled.' });
      }
      failed = true;
      throw new RankscopeError({
        code: 'network',
        what: 'The CUDA provider cannot be fetched: getaddrinfo ENOTFOUND.',
        remedy: 'Check the connection, and try again. Nothing was changed.',
      });
    },
  };
}
