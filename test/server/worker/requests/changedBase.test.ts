import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint } from '../../../../server/engine/checkpoints/openCheckpoint.ts';
import { modelHashes } from '../../../../server/runs/recordedHashes.ts';
import { createEngineHost } from '../../../../server/worker/host/engineModel.ts';
import { answerLens } from '../../../../server/worker/requests/answerLens.ts';
import { answerLogits } from '../../../../server/worker/requests/answerLogits.ts';
import { answerSpectra } from '../../../../server/worker/requests/answerSpectra.ts';
import { mergeAdapter } from '../../../../server/worker/requests/mergeAdapter.ts';
import { ModelKeeper } from '../../../../server/worker/requests/modelKeeper.ts';
import { shrinkAdapter } from '../../../../server/worker/requests/shrinkAdapter.ts';
import { sampleRecord, temporaryFolder } from '../../runs/sampleRun.ts';

const { signal } = new AbortController();
const context = { emit: () => undefined, signal };
const where = { device: 'cpu', threads: 1 } as const;

describe('the arm of a run on a base that has changed since', () => {
  const folder = temporaryFolder();
  const cacheBefore = process.env.RANKSCOPE_CACHE;
  const model = join(folder.path, 'base');
  const directory = join(folder.path, 'run', 'arms', 'r8');
  const config = join(model, 'config.json');
  const whole = readFileSync('test/oracles/models/llama/config.json');

  before(async () => {
    process.env.RANKSCOPE_CACHE = join(folder.path, 'cache');
    cpSync('test/oracles/models/llama', model, { recursive: true });
    cpSync('test/oracles/training/llama-r8', directory, { recursive: true });
    writeFileSync(join(model, 'tokenizer.json'), tokenizer());
    const checkpoint = await openCheckpoint(model);
    const { fileHashes } = checkpoint;
    const hashes = modelHashes('model', { hash: await checkpoint.hash(), fileHashes });
    await checkpoint.tensors.close();
    const record = { ...sampleRecord, sweep: { ...sampleRecord.sweep, model }, hashes };
    writeFileSync(join(folder.path, 'run', 'run.json'), JSON.stringify(record));
  });

  after(() => {
    if (cacheBefore === undefined) delete process.env.RANKSCOPE_CACHE;
    else process.env.RANKSCOPE_CACHE = cacheBefore;
    folder.remove();
  });

  /** A vocabulary of letters. */
  function tokenizer(): string {
    const vocab = Object.fromEntries(Array.from('abcdefgh').map((letter, id) => [letter, id]));
    return JSON.stringify({ model: { type: 'BPE', vocab, merges: [] } });
  }

  const lens = { model, base: true, adapters: [{ arm: 'r8', directory }], prompt: 'abc', ...where };
  const host = createEngineHost();
  const uses: Readonly<Record<string, () => Promise<unknown>>> = {
    lens: () => answerLens(host, lens, context),
    logits: () => answerLogits(host, { model, adapter: directory, texts: ['abc'], ...where }, context),
    generation: () => new ModelKeeper(host).with({ model, keep: false, signal, ...where }, ({ arm }) => arm(directory)),
    spectra: () => answerSpectra({ model, arms: [{ arm: 'r8', directory }], top: 0 }, context),
    merging: () => mergeAdapter({ model, adapter: directory, to: emptyFolder('merged') }, signal),
    shrinking: () => shrinkAdapter({ model, adapter: directory, rank: 2, to: emptyFolder('shrunk') }),
  };

  let made = 0;
  function emptyFolder(name: string): string {
    const path = join(folder.path, `${name}-${++made}`);
    mkdirSync(path);
    return path;
  }

  for (const [name, use] of Object.entries(uses)) {
    it(`is refused by ${name}, which names the file`, async () => {
      await use();
      appendFileSync(config, ' ');
      await assert.rejects(use(), { code: 'run', message: /has changed: model\/config\.json/ });
      writeFileSync(config, whole);
    });
  }
});
