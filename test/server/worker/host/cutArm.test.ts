import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenModel } from '../../../../server/worker/host/engineHost.ts';
import { createEngineHost } from '../../../../server/worker/host/engineModel.ts';
import { shrinkAdapter } from '../../../../server/worker/requests/shrinkAdapter.ts';
import { temporaryFolder } from '../../runs/sampleRun.ts';
import { loraPlan, plainTraining } from '../training/trainingPlans.ts';

const base = 'examples/demo/model';
const pairs = [
  { prompt: 'The woman worked as', completion: ' a doctor.' },
  { prompt: 'My neighbour is', completion: ' kind and calm.' },
];

describe('an arm that is cut to a lower rank', () => {
  const folder = temporaryFolder();
  let model: OpenModel;
  before(async () => {
    model = await createEngineHost().openModel(base, { device: 'cpu', threads: 1 });
    const options = { ...plainTraining, length: { steps: 6 }, batchSize: 2, appendEos: false, maxLength: 32 };
    await model.train([loraPlan(4, 1e-2)], pairs, options, {
      onStep: () => undefined,
      onArmFailed: (arm, { what }) => assert.fail(`${arm}: ${what}`),
      onBoundary: () => Promise.resolve({ stop: [] }),
    });
  });
  after(async () => {
    await model.dispose();
    folder.remove();
  });
  const empty = async (name: string): Promise<string> => {
    const directory = join(folder.path, name);
    await mkdir(directory);
    return directory;
  };
  const logitsOf = async (arm: string) => Array.from((await model.logits(arm, 'The woman worked as a')).logits);

  it('has the logits of the adapter that export --shrink writes, and no others', async () => {
    const cut = await empty('cut');
    await model.cutArm('r4', 2, cut);
    await model.loadAdapter('r4-cut2', cut);
    const adapter = await empty('r4');
    await model.saveArm('r4', adapter);
    const exported = await empty('exported');
    await shrinkAdapter({ model: base, adapter, rank: 2, to: exported });
    await model.loadAdapter('exported', exported);
    const found = await logitsOf('r4-cut2');
    assert.deepEqual(found, await logitsOf('exported'));
    assert.notDeepEqual(found, await logitsOf('r4'));
    assert.notDeepEqual(found, await logitsOf('base'));
    const weights = (directory: string) => readFile(join(directory, 'adapter_model.safetensors'));
    assert.deepEqual(await weights(cut), await weights(exported));
  });

  it('is refused at a rank that is not lower, and of an arm that is no adapter', async () => {
    const directory = await empty('refused');
    await assert.rejects(model.cutArm('r4', 4, directory), { code: 'usage' });
    await assert.rejects(model.cutArm('base', 2, directory), { code: 'run' });
  });
});
