import assert from 'node:assert/strict';
import { rankscope } from './fakeEngine.ts';

const found = [
  { name: 'cpu', available: true, detail: 'Some CPU, 9 of 9 nodes on it', memoryBytes: 2 ** 34, precision: 'float32' },
  {
    name: 'cuda',
    available: false,
    detail: 'the provider library is missing',
    remedy: 'Run install.',
    precision: 'float32',
  },
];
const handlers = { devices: () => Promise.resolve(found) };

describe('rankscope devices', () => {
  it('lists devices with memory and precision, and the remedies below', async () => {
    const { status, stdout, left } = await rankscope(['devices'], { handlers });
    assert.deepEqual([status, left], [0, 0]);
    assert.match(stdout, /cpu +yes +16\.0 GiB +float32 +Some CPU, 9 of 9 nodes on it/);
    assert.match(stdout, /cuda +no +float32 +the provider library is missing/);
    assert.match(stdout, /\ncuda: Run install\.\n/);
  });

  it('prints the same as JSON', async () => {
    const { stdout } = await rankscope(['devices', '--json'], { handlers });
    assert.deepEqual(JSON.parse(stdout), found);
  });

  it('refuses to install what is no provider', async () => {
    for (const args of [['install'], ['install', 'metal'], ['remove', 'cuda']]) {
      const { status, stderr } = await rankscope(['devices', ...args]);
      assert.equal(status, 2);
      assert.match(stderr, /devices install cuda/);
    }
  });
});
