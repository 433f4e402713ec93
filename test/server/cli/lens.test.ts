import assert from 'node:assert/strict';
import type { LensResult } from '../../../server/protocol/run/lens.ts';
import type { Handlers } from '../../../server/protocol/messages/channel.ts';
import type { WorkerContract } from '../../../server/protocol/messages/worker.ts';
import { rankscope } from './fakeEngine.ts';

const cell = (token: string, probability: number, entropy: number, kl?: number) => ({
  top: [{ id: 1, token, probability }],
  entropy,
  ...(kl !== undefined && { kl }),
});
const lens: LensResult = {
  prompt: 'She works',
  arms: [
    {
      arm: 'base',
      tokens: ['She', ' works'],
      layers: [
        [cell('She', 1, 0), cell('\n', 0.004, 2)],
        [cell(' as', 0.5, 1.25), cell(' in', 0.9, 0.5)],
      ],
    },
    {
      arm: 'r2',
      tokens: ['She', ' works'],
      layers: [
        [cell('She', 1, 0, 0), cell('\n', 0.004, 2, 0)],
        [cell(' as', 0.4, 1.5, 0.0123), cell(' at', 0.3, 2.5)],
      ],
    },
  ],
};

describe('rankscope lens', () => {
  const asked: unknown[] = [];
  const handlers: Partial<Handlers<WorkerContract>> = {
    lens: (params) => {
      asked.push(params);
      return Promise.resolve(structuredClone(lens) as never);
    },
  };
  const args = ['lens', '--model', 'owner/name', '--adapter', '/runs/a/arms/r2', '--prompt', 'She works'];

  it('asks for the base and the adapters, called after their folders', async () => {
    const { left } = await rankscope([...args, '--threads', '2'], { handlers });
    assert.equal(left, 0);
    assert.deepEqual(asked.at(-1), {
      model: 'owner/name',
      base: true,
      adapters: [{ arm: 'r2', directory: '/runs/a/arms/r2' }],
      prompt: 'She works',
      device: 'auto',
      threads: 2,
    });
  });

  it('draws a table for each arm, the last layer first, and the distance of what is not the base', async () => {
    const { stdout } = await rankscope(args, { handlers });
    const [, base, r2, distance] = stdout.split('\n\n');
    assert.equal(
      base,
      'base\n     layer  She            ␣works\n1 = output  ␣as 50% 1.25   ␣in 90% 0.50\nembeddings  She 100% 0.00  ⏎ <1% 2.00',
    );
    assert.match(r2!, /^r2\n.*\n1 = output {2}␣as 40% 1\.50 +␣at 30% 2\.50\n/);
    assert.match(distance!, /^r2, KL\(base \|\| arm\), nats\n.*\n1 = output +0\.0123 +infinite\n/);
  });

  it('prints the whole lens as JSON', async () => {
    const { stdout } = await rankscope([...args, '--json'], { handlers });
    assert.deepEqual(JSON.parse(stdout), lens);
  });

  it('refuses to ask for nothing, and for a prompt that is not there', async () => {
    assert.equal((await rankscope(['lens', '--model', 'm', '--prompt', 'a', '--no-base'], { handlers })).status, 2);
    assert.equal((await rankscope(['lens', '--model', 'm'], { handlers })).status, 2);
  });
});
