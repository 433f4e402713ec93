import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitStatus } from '../../../server/cli/output/exitStatus.ts';
import type { Handlers } from '../../../server/protocol/messages/channel.ts';
import type { SpectraResult } from '../../../server/protocol/run/spectra.ts';
import type { WorkerContract } from '../../../server/protocol/messages/worker.ts';
import { sampleRecord, temporaryFolder } from '../runs/sampleRun.ts';
import { rankscope } from './fakeEngine.ts';

const moduleSpectrum = (module: string, energy: number, rankOf90: number, largest: number, intruders: number) => ({
  module,
  outFeatures: 8,
  inFeatures: 6,
  singularValues: [largest, 0.01],
  energy,
  rankOf90,
  cosines: [0.9, 0.2, 0.3],
  intruders,
});
const result: SpectraResult = {
  arms: [
    {
      arm: 'r2',
      method: 'lora',
      rank: 2,
      energy: 30,
      medianRankOf90: 1,
      largestRankOf90: 2,
      largestValue: 4.5,
      intruders: { found: 5, of: 6 },
      modules: [moduleSpectrum('h.0.q', 20, 1, 4.5, 3), moduleSpectrum('h.1.q', 10, 2, 3.25, 2)],
    },
    {
      arm: 'full',
      method: 'full',
      energy: 70,
      medianRankOf90: 33,
      largestRankOf90: 44,
      largestValue: 0.55,
      modules: [{ module: 'h.0.q', outFeatures: 8, inFeatures: 6, singularValues: [0.55], energy: 70, rankOf90: 33 }],
    },
  ],
};

describe('rankscope spectra', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());
  const run = join(folder.path, 'run');
  const asked: unknown[] = [];
  const handlers: Partial<Handlers<WorkerContract>> = {
    spectra: (params, { emit }) => {
      asked.push(params);
      emit({ done: 2, total: 2, module: 'h.1.q' });
      return Promise.resolve(structuredClone(result) as never);
    },
  };

  before(() => {
    for (const id of ['r2', 'full']) mkdirSync(join(run, 'arms', id), { recursive: true });
    writeFileSync(join(run, 'run.json'), JSON.stringify(sampleRecord));
    writeFileSync(join(run, 'arms/r2/adapter_model.safetensors'), '');
    writeFileSync(join(run, 'arms/full/model.safetensors'), '');
    cpSync('test/oracles/training/gpt2-r8', join(folder.path, 'r8'), { recursive: true });
  });

  it("asks for the trained arms of a run with the run's base, and prints a row for each", async () => {
    const { stdout, stderr, status, left } = await rankscope(['spectra', run], { handlers });
    assert.deepEqual([status, left], [0, 0]);
    assert.deepEqual(asked.at(-1), {
      model: '/models/base',
      arms: ['r2', 'full'].map((arm) => ({ arm, directory: join(run, 'arms', arm) })),
      top: 10,
    });
    assert.match(stderr, /2 of 2 matrices/);
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.trim().split(/ {2,}/)),
      [
        ['arm', 'matrices', 'energy', 'rank of 90 %', 'largest singular value', 'intruders'],
        ['r2', '2', '30', '1 (at most 2)', '4.5', '5 of 6'],
        ['full', '1', '70', '33 (at most 44)', '0.55', 'not asked for'],
      ],
    );
  });

  it('asks for one arm and another number of vectors, and prints its matrices', async () => {
    const { stdout } = await rankscope(['spectra', run, '--arm', 'r2', '--top', '3', '--modules'], { handlers });
    assert.deepEqual(asked.at(-1), {
      model: '/models/base',
      arms: [{ arm: 'r2', directory: join(run, 'arms', 'r2') }],
      top: 3,
    });
    assert.match(stdout, /\nr2\nmatrix .*\nh\.0\.q +20 +1 +4\.5 +3 of 3\nh\.1\.q +10 +2 +3\.25 +2 of 3\n/);
    assert.match(stdout, /\nfull\nmatrix .*\nh\.0\.q +70 +33 +0\.55 +not asked for\n/);
  });

  it('asks for an adapter with the base that it names, or the one that is given', async () => {
    const adapter = join(folder.path, 'r8');
    const config = { base_model_name_or_path: 'owner/name' };
    writeFileSync(join(adapter, 'adapter_config.json'), JSON.stringify(config));
    await rankscope(['spectra', adapter], { handlers });
    const arms = [{ arm: 'r8', directory: adapter }];
    assert.deepEqual(asked.at(-1), { model: 'owner/name', arms, top: 10 });
    await rankscope(['spectra', adapter, '--model', 'other/name', '--top', '0'], { handlers });
    assert.deepEqual(asked.at(-1), { model: 'other/name', arms, top: 0 });
  });

  it('prints all of it as JSON', async () => {
    const { stdout } = await rankscope(['spectra', run, '--json'], { handlers });
    assert.deepEqual(JSON.parse(stdout), { top: 10, ...result });
  });

  it('leaves out an arm without weights and says so', async () => {
    const other = join(folder.path, 'unfinished');
    mkdirSync(join(other, 'arms/r2'), { recursive: true });
    writeFileSync(join(other, 'run.json'), JSON.stringify(sampleRecord));
    const none = await rankscope(['spectra', other], { handlers });
    assert.match(none.stderr, /no arm of the run has weights/);
    writeFileSync(join(other, 'arms/r2/adapter_model.safetensors'), '');
    const { stderr } = await rankscope(['spectra', other], { handlers });
    assert.match(stderr, /full has no weights and is left out/);
    assert.deepEqual((asked.at(-1) as { arms: unknown[] }).arms.length, 1);
  });

  it('refuses what is neither a run nor trained, an unknown arm, and a model whose base nobody names', async () => {
    const stderrOf = async (...args: string[]) => (await rankscope(['spectra', ...args], { handlers })).stderr;
    assert.match(await stderrOf(folder.path), /neither a run here, nor an adapter, nor a model/);
    assert.match(await stderrOf(run, '--arm', 'r64'), /no trained arm "r64"/);
    assert.match(await stderrOf(join(folder.path, 'r8'), '--arm', 'r8'), /no run here/);
    assert.match(await stderrOf('test/oracles/models/gpt2'), /--model is missing/);
  });
});

describe('rankscope export --shrink', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());
  const run = join(folder.path, 'run');
  const asked: { readonly to: string }[] = [];
  const handlers: Partial<Handlers<WorkerContract>> = {
    'export.shrunk': (params) => {
      asked.push(params);
      writeFileSync(join(params.to, 'adapter_config.json'), '{}');
      return Promise.resolve({ energy: 8, lost: 1, worst: { module: 'h.0.q', lostShare: 0.25 } });
    },
  };
  before(() => {
    for (const id of ['r2', 'full']) mkdirSync(join(run, 'arms', id), { recursive: true });
    writeFileSync(join(run, 'run.json'), JSON.stringify(sampleRecord));
    for (const id of ['r2', 'full']) writeFileSync(join(run, `arms/${id}/weights.safetensors`), '');
  });
  const shrink = (arm: string, out: string, ...more: string[]) =>
    rankscope(['export', run, '--arm', arm, '--out', out, '--shrink', '1', ...more], { handlers });

  it('has the engine write the adapter, and says what it loses', async () => {
    const out = join(folder.path, 'out');
    const { stdout, stderr, status, left } = await shrink('r2', out);
    assert.deepEqual([status, left, stdout], [0, 0, `${out}\n`]);
    assert.equal(stderr, 'rank 1 keeps all but 12.5 % of the energy; h.0.q loses most, 25.0 %\n');
    const { to, ...rest } = asked.at(-1)!;
    assert.deepEqual(rest, { model: '/models/base', adapter: join(run, 'arms/r2'), rank: 1 });
    assert.notEqual(to, out, 'a half-written folder never stands at its place');
    assert.equal((await shrink('r2', out)).status, exitStatus.run, 'something stands there now');
  });

  it('refuses full fine-tuning, --merged beside it, and a rank of zero', async () => {
    const before = asked.length;
    const out = join(folder.path, 'refused');
    assert.match((await shrink('full', out)).stderr, /full is full fine-tuning, not an adapter/);
    assert.match((await shrink('r2', out, '--merged')).stderr, /exclude each other/);
    assert.match((await rankscope(['export', run, '--arm', 'r2', '--out', out, '--shrink', '0'])).stderr, /"0"/);
    assert.equal(asked.length, before);
  });
});
