import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ParameterStore } from '../../../../server/engine/optimiser/parameterStore.ts';
import { restoreStore, saveStore } from '../../../../server/engine/optimiser/storeFile.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { createRandom } from '../../../../server/random/random.ts';

const parameters = [
  { name: 'a', shape: [3, 5] },
  { name: 'b.bias', shape: [7] },
];
const sections = ['value', 'firstMoment', 'secondMoment'] as const;

describe('a store on disk', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'store-'))));
  after(() => rm(folder, { recursive: true }));

  it('comes back bit for bit, moments included', async () => {
    const [stored, restored] = [new ParameterStore(parameters), new ParameterStore(parameters)];
    const random = createRandom(3);
    for (const { name } of parameters) {
      for (const section of sections)
        stored.tensor(name, section).data.forEach((_, i, x) => (x[i] = random.uniform() - 0.5));
    }
    stored.tensor('a', 'value').data[0] = 1e-42; // A denormal.
    const file = path.join(folder, 'arm.safetensors');
    await saveStore(file, stored);
    await restoreStore(file, restored);
    for (const { name } of parameters) {
      for (const section of sections)
        assert.deepEqual(restored.tensor(name, section).data, stored.tensor(name, section).data);
    }
  });

  it('is its values alone once it has finished, which are read into a store that has finished too', async () => {
    const [stored, restored] = [new ParameterStore(parameters), new ParameterStore(parameters)];
    stored.tensor('a', 'value').data.fill(0.25);
    const { count } = stored;
    stored.finish();
    assert.equal(stored.count, count);
    assert.throws(() => stored.tensor('a', 'gradient'), /No gradient of a/);
    const file = path.join(folder, 'finished.safetensors');
    await saveStore(file, stored);
    await assert.rejects(restoreStore(file, restored), /firstMoment/);
    restored.finish();
    await restoreStore(file, restored);
    assert.deepEqual(restored.tensor('a', 'value').data, stored.tensor('a', 'value').data);
  });

  it('is refused by an arm of another shape, naming the tensor', async () => {
    const file = path.join(folder, 'other.safetensors');
    await saveStore(file, new ParameterStore([{ name: 'a', shape: [3, 4] }]));
    await assert.rejects(
      restoreStore(file, new ParameterStore([{ name: 'a', shape: [3, 5] }])),
      (error) => error instanceof RankscopeError && error.code === 'run' && error.message.includes('value/a'),
    );
  });
});
