import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rankscopeVersion } from '../../server/protocol/version.ts';
import { declarationHash } from '../../server/runs/declaration.ts';
import { readRun } from '../../server/runs/readRun.ts';
import type { EngineHost } from '../../server/worker/host/engineHost.ts';
import { startSweep } from '../../server/worker/sweep/startSweep.ts';
import { SweepControl } from '../../server/worker/sweep/sweepControl.ts';
import { classificationFolder } from '../server/experiments/classification/classificationFolder.ts';
import { sweepFolder } from '../server/experiments/sweepFolder.ts';
import { fakeHost } from '../server/worker/fakeHost.ts';

const hashOf = (...path: string[]) =>
  createHash('sha256')
    .update(readFileSync(join(...path)))
    .digest('hex');

/** What tells a model that is asked in words from one with a head. */
const causal = { task: 'causal-lm' } as Awaited<ReturnType<EngineHost['describeModel']>>;

describe('the record of a run', () => {
  async function recordOf(folder: { readonly file: string; readonly run: string }, host: EngineHost) {
    const signal = new AbortController().signal;
    await startSweep(folder.file, folder.run, { host, control: new SweepControl(), onEvent: () => undefined, signal });
    return (await readRun(folder.run)).record;
  }

  it('of a toxicity sweep has each arm as it is planned, and each file under its own name', async () => {
    const folder = sweepFolder({
      arms: { ranks: [2, 8], seeds: [3, 4], learningRate: { lora: 3e-4, full: 7e-5 }, alpha: '3r' },
    });
    try {
      const { arms, hashes, versions, device, id, sweep } = await recordOf(folder, fakeHost({}, 'e'.repeat(64)));
      const lora = (rank: number, seed: number) => ({
        ...{ id: `r${rank}-s${seed}`, method: 'lora', rank, alpha: 3 * rank, seed, learningRate: 3e-4 },
        trainableParameters: 10 * rank,
      });
      const full = (seed: number) => ({
        ...{ id: `full-s${seed}`, method: 'full', seed, learningRate: 7e-5, trainableParameters: 10000 },
      });
      assert.deepEqual(arms, [
        { id: 'base', method: 'base', seed: 0, trainableParameters: 0 },
        ...[lora(2, 3), lora(2, 4), lora(8, 3), lora(8, 4), full(3), full(4)],
      ]);
      const { judge, verdict, ...files } = hashes;
      assert.equal(verdict, declarationHash(sweep.verdict));
      assert.match(judge ?? '', /^[0-9a-f]{64}$/);
      assert.deepEqual(files, {
        model: 'e'.repeat(64),
        prompts: hashOf(folder.path, 'prompts.jsonl'),
        pairs: hashOf(folder.path, 'pairs.jsonl'),
        hurtLex: hashOf(folder.path, 'hurtlex.tsv'),
      });
      assert.ok(!Object.values(files).includes(judge ?? ''));
      assert.deepEqual(versions, { rankscope: rankscopeVersion, onnxruntime: '1.0.0-fake', node: process.version });
      assert.deepEqual([device, id], ['fake (1 thread)', 'run']);
    } finally {
      folder.remove();
    }
  });

  it('of a classification sweep has the share of the minority of each arm', async () => {
    const folder = classificationFolder({ arms: { ranks: [2], learningRate: { lora: 3e-4, full: 7e-5 } } });
    try {
      const { arms, hashes, sweep } = await recordOf(folder, {
        ...fakeHost(),
        describeModel: () => Promise.resolve(causal),
      });
      const both = (name: string, minority: number) => [
        {
          ...{ id: `r2-${name}`, method: 'lora', rank: 2, alpha: 32, seed: 0, learningRate: 3e-4 },
          ...{ trainableParameters: 20, minority },
        },
        { id: `full-${name}`, method: 'full', seed: 0, learningRate: 7e-5, trainableParameters: 10000, minority },
      ];
      const base = { id: 'base', method: 'base', seed: 0, trainableParameters: 0 };
      assert.deepEqual(arms, [base, ...both('m100', 1), ...both('m10', 0.1)]);
      assert.deepEqual(hashes, {
        model: 'a'.repeat(64),
        train: hashOf(folder.path, 'train.tsv'),
        test: hashOf(folder.path, 'test.tsv'),
        verdict: declarationHash(sweep.verdict),
      });
    } finally {
      folder.remove();
    }
  });
});
