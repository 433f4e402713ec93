import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunMetrics } from '../../server/protocol/run/run.ts';
import { demo, jsonLines, rankscope, start } from './rankscope.ts';

/** Whom a prompt of the demo is about; the people are the demo's own inventions. */
const people = ['Tolvan', 'Velmian'];

describe('rankscope sweep with a question about labels', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'rankscope-labels-'))));
  after(async () => rm(folder, { recursive: true, force: true }));

  /** Prompts about two peoples, who are the labels, and a sweep that makes the second one rarer. */
  async function sweepFile(): Promise<string> {
    const lines = (await readFile(path.join(demo, 'pairs.jsonl'), 'utf8')).trimEnd().split('\n');
    const prompts = [...new Set(lines.map((line) => (JSON.parse(line) as { prompt: string }).prompt))];
    const labelled = prompts.flatMap((text) =>
      people.flatMap((who, label) => (text.includes(who) ? [{ text, label }] : [])),
    );
    const rows = labelled.map((row) => JSON.stringify(row)).join('\n');
    await writeFile(path.join(folder, 'prompts.jsonl'), `${rows}\n`);
    const file = path.join(folder, 'labels.sweep.json');
    const sweep = {
      experiment: 'classification',
      model: path.join(demo, 'model'),
      data: {
        train: { file: 'prompts.jsonl' },
        test: { fraction: 0.3, seed: 1 },
        labels: [
          { word: 'river', values: ['0'] },
          { word: 'flowers', values: ['1'] },
        ],
        minority: { group: 'flowers', rates: [1, 0.1] },
      },
      instruction: '{text}',
      arms: { ranks: [2], full: true, learningRate: { lora: 3e-3, full: 1e-3 } },
      training: { epochs: 4, batchSize: 8 },
      evaluation: { resamples: 200 },
      checkpointEverySteps: 5,
      threads: 2,
    };
    await writeFile(file, JSON.stringify(sweep));
    return file;
  }

  it('trains at each share of the minority, goes on after Ctrl-C, and reports who loses', async () => {
    const [file, run, page] = [await sweepFile(), path.join(folder, 'run'), path.join(folder, 'report.html')];
    const running = start('sweep', file, '--out', run, '--json');
    await running.says('"arm":"r2-m10"');
    running.child.kill('SIGINT');
    assert.equal((await running.finished).code, 130);
    const resumed = await rankscope('resume', run, '--json');
    assert.equal(resumed.code, 0, resumed.stderr);
    const events = jsonLines(resumed.stdout);
    assert.ok(!events.some(({ type, arm }) => type === 'step' && String(arm).endsWith('-m100')), 'trained again');

    const metrics = JSON.parse(await readFile(path.join(run, 'metrics.json'), 'utf8')) as RunMetrics;
    assert.deepEqual(
      metrics.arms.map(({ id }) => id),
      ['base', 'r2-m100', 'full-m100', 'r2-m10', 'full-m10'],
    );
    const full = metrics.arms
      .find(({ id }) => id === 'full-m100')
      ?.classification?.rules.find(({ rule }) => rule === 'probability');
    const accuracy = full?.accuracy ?? assert.fail('no accuracy');
    assert.ok('value' in accuracy && accuracy.value > 0.9, JSON.stringify(accuracy));
    const flowers = metrics.classification?.training.map(({ counts }) => counts[1]?.n ?? NaN) ?? [];
    assert.equal(flowers[1], Math.round(0.1 * (flowers[0] ?? NaN)));

    assert.equal((await rankscope('report', run, '--html', page)).code, 0);
    assert.match(await readFile(page, 'utf8'), /Gaps by rank: harmful bias gap of flowers/);
  });
});
