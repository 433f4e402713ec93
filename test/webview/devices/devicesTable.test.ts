import assert from 'node:assert/strict';
import type { RunDeviceChoice } from '../../../server/protocol/messages/runsContract.ts';
import type { DeviceDescription } from '../../../server/protocol/messages/worker.ts';
import { choices, devicesTable, isUsable, timingsTable } from '../../../webview/devices/devicesTable.ts';

const devices: readonly DeviceDescription[] = [
  { name: 'cpu', available: true, detail: 'a processor', memoryBytes: 8e9, precision: 'float32' },
  { name: 'cuda', available: false, detail: 'a library is missing', remedy: 'install it', installable: true },
];
const run = (choice: RunDeviceChoice['choice']): RunDeviceChoice => ({
  run: '/runs/a',
  name: 'first',
  created: '2026-01-01T00:00:00.000Z',
  model: '/models/small',
  choice,
});

describe('the table of devices', () => {
  it('begins with auto, and has for each device what it is or why it cannot be used, with the remedy', () => {
    const { rows } = devicesTable(devices);
    assert.deepEqual(
      rows.map(([name]) => name),
      choices(devices),
    );
    assert.deepEqual(rows[1], ['cpu', 'yes', '8.00 GB', 'float32', 'a processor', '']);
    assert.deepEqual(rows[2], ['cuda', 'no', 'not known', 'not known', 'a library is missing', 'install it']);
  });

  it('offers what can be used, and to leave it open', () => {
    assert.deepEqual(
      ['auto', 'cpu', 'cuda', 'webgpu'].map((name) => isUsable(devices, name)),
      [true, true, false, false],
    );
  });
});

describe('the table of timings', () => {
  it('has a row a device of every run, and what was not timed with its reason', () => {
    const timings = [
      { device: 'cpu', seconds: 0.25, loss: 2.5, nodes: 90, onDevice: 90 },
      { device: 'webgpu', reason: 'it crashed' },
    ] as const;
    const { rows } = timingsTable([run({ chosen: 'cpu', timings: [...timings] })]);
    assert.deepEqual(rows, [
      ['first', 'small', 'cpu', 'yes', '0.25', '2.5', '90 of 90', ''],
      ['first', 'small', 'webgpu', 'no', 'not measured', 'not measured', 'not measured', 'it crashed'],
    ]);
  });

  it('says where there was nothing to choose from', () => {
    const [row] = timingsTable([run({ chosen: 'cpu', timings: [] })]).rows;
    assert.equal(row?.at(-1), 'the only device: nothing was timed');
    assert.ok(!row.includes('0'));
  });
});
