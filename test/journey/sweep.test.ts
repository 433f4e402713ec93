import assert from 'node:assert/strict';
import type { Interval } from '../../server/protocol/run/estimate.ts';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../until.ts';
import { demo, jsonLines, rankscope, start } from './rankscope.ts';

/** A sweep of the demo model small enough for a test: two ranks and full, a few steps. */
function smallSweep(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    experiment: 'toxicity',
    model: path.join(demo, 'model'),
    data: {
      prompts: { file: path.join(demo, 'prompts.tsv'), limit: 16 },
      heldOut: { file: path.join(demo, 'held-out-prompts.tsv'), limit: 12 },
      pairs: { file: path.join(demo, 'pairs.jsonl'), limit: 64 },
      heldOutPairs: { file: path.join(demo, 'held-out-pairs.jsonl'), limit: 16 },
    },
    arms: { ranks: [2, 8], full: true, learningRate: { lora: 1e-3, full: 3e-4 } },
    training: { steps: 12, batchSize: 8, gradientAccumulation: 1 },
    generation: { samples: 2, maxNewTokens: 12, seed: 5 },
    evaluation: { resamples: 200 },
    checkpointEverySteps: 2,
    threads: 2,
    ...overrides,
  };
}

describe('rankscope sweep', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'rankscope-journey-'))));
  after(async () => rm(folder, { recursive: true, force: true }));

  async function sweepFile(name: string, overrides: Record<string, unknown> = {}): Promise<string> {
    const file = path.join(folder, name);
    await writeFile(file, JSON.stringify(smallSweep(overrides)));
    return file;
  }

  const losses = (lines: readonly Record<string, unknown>[]): string[] =>
    lines.flatMap((e) => (e.type === 'step' ? [`${String(e.arm)} ${String(e.step)} ${String(e.loss)}`] : []));

  it('goes from a sweep file to metrics, adapters and a report', async () => {
    const run = path.join(folder, 'whole');
    const done = await rankscope('sweep', await sweepFile('whole.json'), '--out', run, '--json');
    assert.equal(done.code, 0, done.stderr);
    const events = jsonLines(done.stdout);
    const stored = jsonLines(await readFile(path.join(run, 'events.jsonl'), 'utf8'));
    assert.deepEqual(events, stored, 'what is printed is what is stored');
    assert.equal(losses(events).length, 3 * 12);
    const metrics = JSON.parse(await readFile(path.join(run, 'metrics.json'), 'utf8')) as {
      arms: { id: string; toxicity: Interval; kl?: Interval; perplexity: Interval }[];
    };
    assert.deepEqual(
      metrics.arms.map((a) => a.id),
      ['base', 'r2', 'r8', 'full'],
    );
    for (const arm of metrics.arms) {
      assert.ok(arm.toxicity.value >= 0 && arm.toxicity.value <= 1);
      assert.equal(arm.toxicity.n, 24);
      assert.ok(arm.perplexity.value > 1);
      if (arm.id !== 'base') assert.ok((arm.kl?.value ?? 0) > 0, `${arm.id} moved away from the base`);
    }
    const html = path.join(folder, 'report.html');
    const report = await rankscope('report', run, '--html', html);
    assert.equal(report.code, 0, report.stderr);
    assert.match(await readFile(html, 'utf8'), /Content-Security-Policy/);
    const out = path.join(folder, 'exported');
    const exported = await rankscope('export', run, '--arm', 'r8', '--out', out);
    assert.equal(exported.code, 0, exported.stderr);
    const config = JSON.parse(await readFile(path.join(out, 'adapter_config.json'), 'utf8')) as { r: number };
    assert.equal(config.r, 8);
    const prompts = path.join(folder, 'prompts.txt');
    await writeFile(prompts, 'the man should work as\nthe woman is famous for\n');
    const generated = await rankscope(
      'generate',
      '--model',
      path.join(demo, 'model'),
      '--adapter',
      out,
      '--prompts',
      prompts,
      '--max-new-tokens',
      '8',
      '--json',
    );
    assert.equal(generated.code, 0, generated.stderr);
    const completions = jsonLines(generated.stdout);
    assert.equal(completions.length, 4, 'the base and the adapter complete each prompt');
    for (const c of completions) assert.deepEqual(Object.keys(c).sort(), ['arm', 'completion', 'prompt', 'tokens']);
  });

  it('goes on after kill -9 with the losses of an undisturbed run', async () => {
    // Long enough to be met in its middle.
    const file = await sweepFile('killed.json', { training: { steps: 40, batchSize: 8, gradientAccumulation: 1 } });
    const undisturbed = path.join(folder, 'undisturbed');
    const expected = await rankscope('sweep', file, '--out', undisturbed, '--json');
    assert.equal(expected.code, 0, expected.stderr);
    const run = path.join(folder, 'killed');
    const running = start('sweep', file, '--out', run, '--json');
    await running.says('"step":7');
    running.child.kill('SIGKILL');
    await running.finished;
    // The engine leaves when its parent is gone; until then the run is locked.
    await until(() => !existsSync(path.join(run, 'lock.json')), 240_000);
    const resumed = await rankscope('resume', run, '--json');
    assert.equal(resumed.code, 0, resumed.stderr);
    const again = losses(jsonLines(resumed.stdout));
    const whole = losses(jsonLines(expected.stdout));
    assert.ok(
      again.length > 0 && again.length < whole.length,
      `${again.length} of ${whole.length} steps were done anew`,
    );
    for (const line of again) assert.ok(whole.includes(line), `${line} is not in the undisturbed run`);
    const metricsOf = async (at: string): Promise<unknown> => {
      const { arms } = JSON.parse(await readFile(path.join(at, 'metrics.json'), 'utf8')) as {
        arms: { id: string; toxicity: unknown; kl: unknown; perplexity: unknown }[];
      };
      return arms.map(({ id, toxicity, kl, perplexity }) => ({ id, toxicity, kl, perplexity }));
    };
    assert.deepEqual(await metricsOf(run), await metricsOf(undisturbed));
  });

  it('gives the logits of a text', async () => {
    const texts = path.join(folder, 'texts.txt');
    await writeFile(texts, 'the man should work as a\n');
    const done = await rankscope('logits', '--model', path.join(demo, 'model'), '--texts', texts, '--json');
    assert.equal(done.code, 0, done.stderr);
    const [line] = jsonLines(done.stdout) as { text: string; ids: number[]; top1: number[]; logits: number[] }[];
    assert.equal(line?.text, 'the man should work as a');
    assert.equal(line.top1.length, line.ids.length);
    assert.equal(line.logits.indexOf(Math.max(...line.logits)), line.top1.at(-1));
  });
});
