import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loraScale, type LoraArm } from '../../../../server/engine/adapters/loraArm.ts';
import { readPeftFolder } from '../../../../server/engine/adapters/peftFolder.ts';
import { adapterNames } from '../../../../server/engine/adapters/adapterMethod.ts';
import { openCheckpoint } from '../../../../server/engine/checkpoints/openCheckpoint.ts';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import { ParameterStore } from '../../../../server/engine/optimiser/parameterStore.ts';
import { assertPlainLora } from '../../../../server/worker/host/lowRankChange.ts';
import { shrinkAdapter } from '../../../../server/worker/requests/shrinkAdapter.ts';
import { temporaryFolder } from '../../runs/sampleRun.ts';
import { assertNear, oracle } from '../../spectra/oracle.ts';

/** scale B A of one module, row by row. */
function changeOf(arm: LoraArm, name: string): Float64Array {
  const { inFeatures, outFeatures } = arm.targets.find((module) => module.name === name)!;
  const a = arm.store.tensor(adapterNames(name).a, 'value').data;
  const b = arm.store.tensor(adapterNames(name).b, 'value').data;
  return Float64Array.from({ length: outFeatures * inFeatures }, (_, at) => {
    const [out, into] = [Math.floor(at / inFeatures), at % inFeatures];
    let sum = 0;
    for (let r = 0; r < arm.rank; r++) sum += b[out * arm.rank + r]! * a[r * inFeatures + into]!;
    return loraScale(arm) * sum;
  });
}

async function readArm(model: string, directory: string): Promise<LoraArm> {
  const base = await openCheckpoint(model);
  await base.tensors.close();
  return readPeftFolder(directory, defineModel(base.config, model));
}

describe('shrinkAdapter', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());
  const empty = async (name: string): Promise<string> => {
    const to = join(folder.path, name);
    await mkdir(to);
    return to;
  };

  for (const [name, { rank, module, lost, matrix }] of Object.entries(oracle.shrunk)) {
    it(`writes ${name} at rank ${rank} as PyTorch's truncated SVD`, async () => {
      const { model, modules } = oracle.adapters[name]!;
      const base = join('test/oracles/models', model);
      const to = await empty(name);
      const result = await shrinkAdapter({ model: base, adapter: join('test/oracles/training', name), rank, to });
      const arm = await readArm(base, to);
      assert.deepEqual([arm.rank, loraScale(arm)], [rank, 1]);
      assertNear(changeOf(arm, module), matrix, 1e-5, module);
      const squares = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);
      const spectra = Object.entries(modules).map(([path, { values }]) => ({
        path,
        energy: squares(values),
        lost: squares(values.slice(rank)),
      }));
      assertNear([spectra.find(({ path }) => path === module)!.lost], [lost], 1e-5);
      const total = (key: 'energy' | 'lost') => spectra.reduce((sum, one) => sum + one[key], 0);
      assertNear([result.energy, result.lost], [total('energy'), total('lost')], 1e-5 * total('energy'));
      const worst = spectra.reduce((most, one) => (one.lost / one.energy > most.lost / most.energy ? one : most));
      assert.equal(result.worst.module, worst.path);
      assertNear([result.worst.lostShare], [worst.lost / worst.energy], 1e-6);
    });
  }

  it("keeps a classifier's head as it was saved", async () => {
    const [base, adapter] = ['test/oracles/models/bert', 'test/oracles/training/bert-r8'];
    const to = await empty('bert');
    await shrinkAdapter({ model: base, adapter, rank: 2, to });
    const [before, after] = [await readArm(base, adapter), await readArm(base, to)];
    assert.ok(before.saved!.length > 0);
    assert.deepEqual(after.saved, before.saved);
    for (const { name } of before.saved!) {
      assert.deepEqual(after.store.tensor(name, 'value').data, before.store.tensor(name, 'value').data);
    }
  });

  const model = 'test/oracles/models/gpt2';
  const adapter = 'test/oracles/training/gpt2-r8';

  it("refuses a rank that is not below the adapter's", async () => {
    const to = await empty('same');
    for (const rank of [8, 9]) {
      await assert.rejects(shrinkAdapter({ model, adapter, rank, to }), {
        code: 'usage',
        message: new RegExp(`rank 8 and cannot be shrunk to rank ${rank}`),
      });
    }
    await assert.rejects(readFile(join(to, 'adapter_model.safetensors')));
  });

  it('refuses a fully fine-tuned model', async () => {
    const to = await empty('whole');
    await assert.rejects(shrinkAdapter({ model, adapter: model, rank: 2, to }), {
      code: 'usage',
      message: /fully fine-tuned model/,
    });
  });

  it('refuses DoRA, in its configuration and by its magnitudes', async () => {
    const dora = await empty('dora');
    const config = JSON.parse(await readFile(join(adapter, 'adapter_config.json'), 'utf8')) as object;
    await writeFile(join(dora, 'adapter_config.json'), JSON.stringify({ ...config, use_dora: true }));
    await writeFile(
      join(dora, 'adapter_model.safetensors'),
      await readFile(join(adapter, 'adapter_model.safetensors')),
    );
    await assert.rejects(shrinkAdapter({ model, adapter: dora, rank: 2, to: await empty('from-dora') }), {
      code: 'model',
    });
    const arm = await readArm(model, adapter);
    assert.doesNotThrow(() => assertPlainLora(arm, adapter));
    const store = new ParameterStore([
      ...arm.store.names.map((name) => ({ name, shape: arm.store.tensor(name, 'value').dims })),
      { name: 'transformer.h.0.attn.c_attn.lora_magnitude', shape: [48] },
    ]);
    assert.throws(() => assertPlainLora({ ...arm, store }, adapter), {
      code: 'model',
      message: /lora_magnitude.*DoRA/,
    });
  });
});
