/** The verdict of a classification sweep, from the sweep file to every place that shows it, with a real model. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunMetrics } from '../../server/protocol/run/run.ts';
import { firstUpdate } from '../golden/goldenView.ts';
import { demo, jsonLines, rankscope } from './rankscope.ts';

/** The label of a prompt of the demo is whom it is about; the words are ones that the base does not answer with. */
const people = ['Tolvan', 'Velmian'];
const labels = [
  { word: 'river', values: ['0'] },
  { word: 'flowers', values: ['1'] },
];

describe('which rank of a classifier matches full fine-tuning', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'rankscope-match-'))));
  after(async () => rm(folder, { recursive: true, force: true }));

  async function sweep(name: string, ranks: readonly number[], lora: number): Promise<string> {
    const files = ['pairs.jsonl', 'held-out-pairs.jsonl', 'tune-pairs.jsonl'];
    const lines = await Promise.all(
      files.map(async (file) => jsonLines(await readFile(path.join(demo, file), 'utf8'))),
    );
    const prompts = [...new Set(lines.flat().map(({ prompt }) => String(prompt)))];
    const rows = prompts.flatMap((text) =>
      people.flatMap((who, label) => (text.includes(who) ? [{ text, label }] : [])),
    );
    await writeFile(path.join(folder, 'labelled.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const file = path.join(folder, `${name}.sweep.json`);
    const asked = {
      ...{ experiment: 'classification', model: path.join(demo, 'model'), instruction: '{text}', threads: 2 },
      data: { train: { file: 'labelled.jsonl' }, test: { fraction: 0.5, seed: 1 }, labels },
      arms: { ranks, learningRate: { lora, full: 1e-3 } },
      training: { epochs: 6, batchSize: 8 },
      evaluation: { resamples: 200, completions: false },
      verdict: { margin: 15 },
    };
    await writeFile(file, JSON.stringify(asked));
    return file;
  }

  /** Share of wrong decisions, counted anew from what the run has stored. */
  async function errorRate(run: string, arm: string): Promise<number> {
    const lines = jsonLines(await readFile(path.join(run, 'arms', arm, 'predictions.jsonl'), 'utf8'));
    const wrong = lines.filter((line) => {
      const [river = NaN, flowers = NaN] = line.logProbabilities as number[];
      return line.label !== (river >= flowers ? 'river' : 'flowers');
    });
    return wrong.length / lines.length;
  }

  const metricsOf = async (run: string) =>
    JSON.parse(await readFile(path.join(run, 'metrics.json'), 'utf8')) as RunMetrics;

  it('is safe where its errors are shown to be within the margin: in the command line, the reports, the panel and the gate', async () => {
    const run = path.join(folder, 'good');
    const { code, stdout, stderr } = await rankscope('sweep', await sweep('good', [2, 8], 3e-3), '--out', run);
    assert.equal(code, 0, stderr);
    const { verdict } = await metricsOf(run);
    assert.deepEqual(
      verdict?.arms.map(({ arm, word }) => [arm, word]),
      [
        ['r2', 'safe'],
        ['r8', 'safe'],
      ],
    );
    assert.deepEqual([verdict.goal, verdict.templates, verdict.smallestSafe], ['match', 120, 2]);
    const [r2] = verdict.arms;
    assert.equal(r2?.rate, await errorRate(run, 'r2'));
    assert.ok(Math.abs((r2.limit ?? NaN) - (await errorRate(run, 'full')) - 0.15) < 1e-12);
    assert.ok(r2.upper !== undefined && r2.upper <= 0.15 && r2.measure === 'difference');
    assert.equal(verdict.answer, 'Smallest rank shown to be safe: 2.');
    assert.match(stdout, /^Smallest rank shown to be safe: 2\.\n {2}Rank 2 has an error rate/m);

    const page = path.join(folder, 'report.html');
    const report = await rankscope('report', run, '--html', page, '--markdown', path.join(folder, 'report.md'));
    assert.equal(report.code, 0, report.stderr);
    const [html, markdown] = await Promise.all([
      readFile(page, 'utf8'),
      readFile(path.join(folder, 'report.md'), 'utf8'),
    ]);
    assert.ok(html.includes(verdict.answer) && html.includes('chip-safe'));
    assert.ok(markdown.includes(verdict.answer) && markdown.includes('| r2 | safe | Rank 2 has an error rate'));
    const { view } = await firstUpdate(run);
    assert.deepEqual(view.metrics?.verdict, verdict);

    const gate = await rankscope('gate', run, '--require', 'safe<=2', '--require', 'accuracy(r2)>=0.9');
    assert.equal(gate.code, 0, gate.stdout);
  });

  it('is broken where it has learned nothing, and its gate fails', async () => {
    const run = path.join(folder, 'bad');
    const { code, stderr } = await rankscope('sweep', await sweep('bad', [2], 1e-8), '--out', run);
    assert.equal(code, 0, stderr);
    const { verdict } = await metricsOf(run);
    // It is right less often than whoever always says "flowers", so that it is broken and not merely unsafe.
    assert.deepEqual(
      verdict?.arms.map(({ arm, word }) => [arm, word]),
      [['r2', 'broken']],
    );
    assert.ok((await errorRate(run, 'r2')) > 0.5);
    assert.equal((await rankscope('gate', run, '--require', 'safe<=2')).code, 1);
    assert.equal((await rankscope('gate', run, '--require', 'accuracy(r2)>=0.01')).code, 1);
  });
});
