import assert from 'node:assert/strict';
import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '../../../../server/engine/checkpoints/openCheckpoint.ts';
import { openSafetensors } from '../../../../server/engine/weights/openSafetensors.ts';
import { writeSafetensors } from '../../../../server/engine/weights/writeSafetensors.ts';
import type { ArmSpectrum, SpectraProgress } from '../../../../server/protocol/run/spectra.ts';
import { writeDigests } from '../../../../server/runs/folderDigests.ts';
import { answerSpectra } from '../../../../server/worker/requests/answerSpectra.ts';
import { temporaryFolder } from '../../runs/sampleRun.ts';
import { assertNear, oracle, type OracleSpectrum } from '../../spectra/oracle.ts';

const never = new AbortController().signal;
const quiet = { emit: () => undefined, signal: never };
const top = 4;

function assertSpectra({ arm, modules }: ArmSpectrum, expected: Readonly<Record<string, OracleSpectrum>>): void {
  assert.deepEqual(modules.map(({ module }) => module).sort(), Object.keys(expected).sort());
  for (const { module, singularValues, rankOf90, energy, cosines = [], intruders } of modules) {
    const { values, rankOf90: rank, cosines: own } = expected[module]!;
    assertNear(singularValues, values, 1e-6, `${arm} ${module} values`);
    assertNear(cosines, own, 1e-6, `${arm} ${module} cosines`);
    assert.equal(rankOf90, rank, `${module} rank of 90 %`);
    const squares = values.reduce((sum, value) => sum + value * value, 0);
    assertNear([energy], [squares], 1e-6 * squares, `${module} energy`);
    assert.equal(intruders, own.filter((cosine) => cosine < 0.5).length);
  }
}

describe('answerSpectra', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());

  for (const [name, { model, modules }] of Object.entries(oracle.adapters)) {
    it(`measures what the adapter ${name} changes as NumPy does`, async () => {
      const params = {
        model: join('test/oracles/models', model),
        arms: [{ arm: 'own', directory: join('test/oracles/training', name) }],
        top,
      };
      const { arms } = await answerSpectra(params, quiet);
      assert.deepEqual([arms.length, arms[0]!.arm, arms[0]!.method], [1, 'own', 'lora']);
      assertSpectra(arms[0]!, modules);
    });
  }

  /** The tiny GPT-2 with 0.1 sin(i * i) added to number i of every tensor. */
  async function changedModel(): Promise<string> {
    const to = join(folder.path, 'full');
    const from = join('test/oracles/models', oracle.full.model);
    await mkdir(to, { recursive: true });
    await copyFile(join(from, 'config.json'), join(to, 'config.json'));
    const { tensors } = await openCheckpoint(from);
    const changed = [];
    for (const [name, { shape }] of tensors.tensors) {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      await tensors.readInto(name, data);
      changed.push({ name, shape, data: data.map((value, i) => value + 0.1 * Math.sin(i * i)) });
    }
    await tensors.close();
    await writeSafetensors(join(to, 'model.safetensors'), changed, { format: 'pt' });
    return to;
  }

  it('measures full fine-tuning beside an adapter, and sums up each over its matrices', async () => {
    const directory = await changedModel();
    const told: SpectraProgress[] = [];
    const { arms } = await answerSpectra(
      {
        model: join('test/oracles/models', oracle.full.model),
        arms: [
          { arm: 'r8', directory: 'test/oracles/training/gpt2-r8' },
          { arm: 'full', directory },
        ],
        top,
      },
      { emit: (event) => void told.push(event), signal: never },
    );
    const [r8, full] = arms;
    assertSpectra(r8!, oracle.adapters['gpt2-r8']!.modules);
    assertSpectra(full!, oracle.full.modules);
    assert.deepEqual([r8!.rank, full!.rank, full!.method], [8, undefined, 'full']);
    const modules = Object.values(oracle.full.modules);
    const sorted = modules.map(({ rankOf90 }) => rankOf90).sort((a, b) => a - b);
    assert.deepEqual([full!.medianRankOf90, full!.largestRankOf90], [sorted[3], sorted[7]]);
    assertNear([full!.largestValue], [Math.max(...modules.map(({ values }) => values[0]!))], 1e-6);
    const energy = modules.flatMap(({ values }) => values).reduce((sum, value) => sum + value * value, 0);
    assertNear([full!.energy], [energy], 1e-6 * energy);
    const cosines = Object.values(oracle.adapters['gpt2-r8']!.modules).flatMap((one) => one.cosines);
    assert.deepEqual(r8!.intruders, { found: cosines.filter((cosine) => cosine < 0.5).length, of: cosines.length });
    assert.deepEqual(
      told.map(({ done, total }) => [done, total]),
      modules.map((_, i) => [i + 1, 8]),
    );
  });

  const one = { model: 'test/oracles/models/gpt2', arms: [{ arm: 'r8', directory: 'test/oracles/training/gpt2-r8' }] };

  it('looks for no intruders where none are asked for', async () => {
    const { arms } = await answerSpectra({ ...one, top: 0 }, quiet);
    assert.equal(arms[0]!.intruders, undefined);
    assert.ok(arms[0]!.modules.every(({ cosines, intruders }) => cosines === undefined && intruders === undefined));
    assertNear(
      arms[0]!.modules.map(({ singularValues }) => singularValues[0]!),
      Object.values(oracle.adapters['gpt2-r8']!.modules).map(({ values }) => values[0]!),
      1e-6,
    );
  });

  it('refuses weights that are not as they were written', async () => {
    const damaged = join(folder.path, 'damaged');
    await cp(one.arms[0]!.directory, damaged, { recursive: true });
    await writeDigests(damaged);
    await writeFile(join(damaged, 'adapter_config.json'), ' ', { flag: 'a' });
    await assert.rejects(answerSpectra({ ...one, arms: [{ arm: 'r8', directory: damaged }], top }, quiet), {
      ...{ code: 'run', message: /adapter_config\.json is not as it was written/ },
    });
  });

  it('stops when it is cancelled, and refuses an arm of another model and weights that are not finite', async () => {
    const controller = new AbortController();
    controller.abort();
    await assert.rejects(answerSpectra({ ...one, top }, { ...quiet, signal: controller.signal }));
    const other = { ...one, arms: [{ arm: 'r8', directory: 'test/oracles/training/llama-r8' }], top };
    await assert.rejects(answerSpectra(other, quiet), { code: 'model' });
    const broken = join(folder.path, 'broken');
    await mkdir(broken);
    const source = 'test/oracles/training/gpt2-r8';
    await copyFile(join(source, 'adapter_config.json'), join(broken, 'adapter_config.json'));
    const weights = await openSafetensors(join(source, 'adapter_model.safetensors'));
    const tensors = [];
    for (const [name, { shape }] of weights.tensors) {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      await weights.readInto(name, data);
      tensors.push({ name, shape, data: data.fill(NaN, 3, 4) });
    }
    await weights.close();
    await writeSafetensors(join(broken, 'adapter_model.safetensors'), tensors, { format: 'pt' });
    const params = { ...one, arms: [{ arm: 'r8', directory: broken }], top };
    await assert.rejects(answerSpectra(params, quiet), { code: 'model', message: /is NaN/ });
  });
});
