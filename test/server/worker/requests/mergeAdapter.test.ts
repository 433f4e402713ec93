import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loraScale } from '../../../../server/engine/adapters/loraArm.ts';
import { readPeftFolder } from '../../../../server/engine/adapters/peftFolder.ts';
import { adapterNames } from '../../../../server/engine/adapters/adapterMethod.ts';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import { openCheckpoint } from '../../../../server/engine/checkpoints/openCheckpoint.ts';
import { mergeAdapter } from '../../../../server/worker/requests/mergeAdapter.ts';
import { temporaryFolder } from '../../runs/sampleRun.ts';

const never = new AbortController().signal;

describe('mergeAdapter', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());

  for (const [family, adapter] of [
    ['gpt2', 'gpt2-r2'],
    ['llama', 'llama-r8'],
  ] as const) {
    it(`works ${adapter} into the weights of ${family} and leaves all others as they are`, async () => {
      const model = join('test/oracles/models', family);
      const directory = join('test/oracles/training', adapter);
      const to = join(folder.path, adapter);
      await mkdir(to);
      await mergeAdapter({ model, adapter: directory, to }, never);
      const [base, merged] = [await openCheckpoint(model), await openCheckpoint(to)];
      const arm = await readPeftFolder(directory, defineModel(base.config, model));
      const names = new Map(arm.targets.map((module) => [`${module.name}.weight`, module]));
      let changed = 0;
      for (const [name, { shape }] of base.tensors.tensors) {
        const [before, after] = [0, 1].map(() => new Float32Array(shape.reduce((a, b) => a * b, 1)));
        await base.tensors.readInto(name, before!);
        await merged.tensors.readInto(name, after!);
        const module = names.get(name);
        if (module) changed++;
        const [a, b] = module
          ? (['a', 'b'] as const).map((part) => arm.store.tensor(adapterNames(module.name)[part], 'value').data)
          : [];
        for (let i = 0; i < before!.length; i++) {
          let expected = before![i]!;
          if (module && a && b) {
            const [row, column] = [Math.floor(i / shape[1]!), i % shape[1]!];
            const [out, into] = module.layout === 'out-in' ? [row, column] : [column, row];
            for (let r = 0; r < arm.rank; r++) {
              expected += loraScale(arm) * b[out * arm.rank + r]! * a[r * module.inFeatures + into]!;
            }
          }
          assert.ok(Math.abs(after![i]! - expected) < 1e-6, `${name} at ${i}`);
        }
      }
      assert.equal(changed, arm.targets.length);
      await Promise.all([base.tensors.close(), merged.tensors.close()]);
      const config = JSON.parse(await readFile(join(to, 'config.json'), 'utf8')) as Record<string, unknown>;
      assert.equal(config.torch_dtype, 'float32');
    });
  }

  it('refuses an adapter of another model, and stops when it is cancelled', async () => {
    const to = join(folder.path, 'unfit');
    const model = 'test/oracles/models/gpt2';
    await assert.rejects(mergeAdapter({ model, adapter: 'test/oracles/training/llama-r8', to }, never));
    const controller = new AbortController();
    controller.abort();
    const merge = { model, adapter: 'test/oracles/training/gpt2-r2', to };
    await assert.rejects(mergeAdapter(merge, controller.signal), { code: 'cancelled' });
    await assert.rejects(readFile(join(to, 'model.safetensors')));
  });
});
