import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeEarlier } from '../../../scripts/demo/run.ts';
import { resolveSweep } from '../../../server/experiments/resolveSweep.ts';

const demo = path.resolve('examples/demo');

describe('running the demo again', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rankscope-demo-'));
  after(() => rmSync(folder, { recursive: true }));

  it('replaces the run of an earlier demo, finished or not', () => {
    const run = path.join(folder, 'demo');
    mkdirSync(run);
    writeFileSync(path.join(run, 'run.json'), JSON.stringify({ sweep: { name: 'Demo' } }));
    removeEarlier(run, 'Demo');
    assert.ok(!existsSync(run));
    removeEarlier(run, 'Demo');
  });

  it('leaves anything else where it stands, and says so', () => {
    const run = path.join(folder, 'mine');
    mkdirSync(run);
    assert.throws(() => removeEarlier(run, 'Demo'), { code: 'run' });
    writeFileSync(path.join(run, 'run.json'), JSON.stringify({ sweep: { name: 'Mine' } }));
    assert.throws(() => removeEarlier(run, 'Demo'), { code: 'run' });
    assert.ok(existsSync(path.join(run, 'run.json')));
  });
});

describe("the demo's two sweeps", () => {
  it('train alike but for rates and alpha: fair arms, with more prompts to decide on, and the settings of the paper', async () => {
    const read = (name: string) => JSON.parse(readFileSync(path.join(demo, name), 'utf8')) as Record<string, object>;
    const { arms, training, ...fair } = read('demo.sweep.json');
    const { settings, arms: theirs, training: trained, ...paper } = read('paper.sweep.json');
    // What decides is asked of more prompts with fewer samples, and probed more often with more prompts.
    const apart = { name: '', generation: {}, evaluation: {} };
    const heldOut = { heldOut: { file: 'held-out-prompts.tsv' } };
    assert.deepEqual({ ...fair, ...apart, data: { ...fair.data, ...heldOut } }, { ...paper, ...apart });
    assert.equal(settings, 'paper');
    assert.deepEqual({ ...arms, alpha: '2r', learningRate: 2e-4 }, theirs);
    assert.deepEqual({ ...training, patience: 0 }, trained);
    const { sweep } = await resolveSweep(path.join(demo, 'demo.sweep.json'));
    assert.deepEqual([sweep.arms.alpha, sweep.arms.learningRate], [32, 'tune']);
  });
});
