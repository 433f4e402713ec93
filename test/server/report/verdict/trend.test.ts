import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunMetrics } from '../../../../server/protocol/run/run.ts';
import type { RunVerdict } from '../../../../server/protocol/run/runVerdict.ts';
import { trendOf } from '../../../../server/report/verdict/trend.ts';
import type { StoredRun } from '../../../../server/runs/readRun.ts';
import { RunStore } from '../../../../server/runs/runStore.ts';
import { rankscope } from '../../cli/fakeEngine.ts';
import { sampleArm, sampleMetrics, sampleRecord, temporaryFolder } from '../../runs/sampleRun.ts';

const toxicity = (value: number) => ({ value, low: value - 0.02, high: value + 0.02, n: 50 });
const r2 = (value: number) => sampleArm({ id: 'r2', method: 'lora', rank: 2, toxicity: toxicity(value) });
const r8 = (value: number) =>
  sampleArm({ id: 'r8', method: 'lora', rank: 8, toxicity: toxicity(value), kl: { value: value * 2, n: 9 } });
const base = sampleArm({ id: 'base', method: 'base' });
const verdict = (smallestSafe: number, answer: string): RunVerdict => ({
  ...{ answer, why: [], next: [], goal: 'mitigate', templates: 9, smallestSafe, arms: [] },
});

const metricsOf = (arms: RunMetrics['arms'], own?: RunVerdict): RunMetrics => ({
  ...sampleMetrics,
  arms,
  ...(own && { verdict: own }),
});
const run = (id: string, created: string, metrics?: RunMetrics): StoredRun => {
  const record = { ...sampleRecord, id, created, sweep: { ...sampleRecord.sweep, model: `/models/${id}` } };
  return { id, record, ...(metrics && { metrics }) } as StoredRun;
};

const later = run(
  'a-later',
  '2026-02-01T00:00:00.000Z',
  metricsOf([base, r2(0.31), r8(0.12)], verdict(8, 'Later: 8.')),
);
const earlier = run('b-earlier', '2026-01-01T00:00:00.000Z', metricsOf([base, r8(0.22)], verdict(16, 'Earlier: 16.')));
const unfinished = run('c-running', '2026-03-01T00:00:00.000Z');

describe('the trend of several runs', () => {
  it('has the finished ones in order of time, with the verdict and the figures of the lowest rank that all have', () => {
    const { arm, runs, table, warnings } = trendOf([later, unfinished, earlier], { requirements: [] });
    assert.equal(arm, 'r8');
    assert.deepEqual(
      runs.map(({ run: id, created, model, answer, smallestSafe }) => [id, created, model, answer, smallestSafe]),
      [
        ['b-earlier', '2026-01-01T00:00:00.000Z', '/models/b-earlier', 'Earlier: 16.', 16],
        ['a-later', '2026-02-01T00:00:00.000Z', '/models/a-later', 'Later: 8.', 8],
      ],
    );
    assert.deepEqual(runs[1]?.figures, {
      toxicity: { share: 0.12, low95: 0.09999999999999999, high95: 0.13999999999999999, n: 50 },
      kl: { nats: 0.24, n: 9 },
    });
    assert.deepEqual(table, {
      header: ['run', 'created', 'smallest safe rank', 'toxic', 'KL from base, nats'],
      rows: [
        ['b-earlier', '2026-01-01T00:00:00.000Z', '16', '22.0 % [20.0, 24.0]', '0.44'],
        ['a-later', '2026-02-01T00:00:00.000Z', '8', '12.0 % [10.0, 14.0]', '0.24'],
      ],
    });
    assert.deepEqual(warnings, []);
  });

  it('shows another arm where it is asked for, and says which runs lack it', () => {
    const { table } = trendOf([later, earlier], { arm: 'r2', requirements: [] });
    assert.deepEqual(
      table.rows.map((cells) => cells[3]),
      ['no such arm', '31.0 % [29.0, 33.0]'],
    );
  });

  it('warns of each run that does not meet a requirement', () => {
    const { warnings, runs } = trendOf([later, earlier], { requirements: ['safe<=8', 'toxicity(r2)<=0.3'] });
    assert.deepEqual(
      runs.map(({ requirements }) => requirements.map(({ outcome }) => outcome)),
      [
        ['undecided', 'undecided'],
        ['passed', 'undecided'],
      ],
    );
    assert.deepEqual(warnings, [
      'b-earlier: undecided: safe<=8. Earlier: 16.',
      'b-earlier: undecided: toxicity(r2)<=0.3. the run has no arm "r2".',
      'a-later: undecided: toxicity(r2)<=0.3. The toxicity of r2 is 0.31 [0.29, 0.33]; 0.3 is the most.',
    ]);
  });

  it('marks a verdict that is exploratory, and says "none" where no rank is safe', () => {
    const { smallestSafe: _, ...none } = verdict(8, 'None.');
    const metrics = metricsOf([r8(0.1)], { ...none, exploratory: 'the limit was changed after the run' });
    const { table } = trendOf([run('x', '2026', metrics)], { requirements: [] });
    assert.equal(table.rows[0]?.[2], 'none (exploratory)');
  });

  it('refuses no finished run, an arm that none has, ranks that differ, and a requirement that the latest cannot meet', () => {
    assert.throws(() => trendOf([unfinished], { requirements: [] }), { code: 'run' });
    assert.throws(() => trendOf([later], { arm: 'r3', requirements: [] }), /no run has an arm "r3"/);
    const other = run('d', '2026-04', metricsOf([r2(0.1)]));
    assert.throws(() => trendOf([earlier, other], { requirements: [] }), /no rank in common/);
    assert.throws(() => trendOf([later, earlier], { requirements: ['toxicity(r3)<=1'] }), { code: 'usage' });
  });
});

describe('rankscope trend', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());
  before(async () => {
    for (const [id, month, value] of [
      ['new', '05', 0.3],
      ['old', '04', 0.1],
    ] as const) {
      const record = { ...sampleRecord, id, created: `2026-${month}-01T00:00:00.000Z` };
      const store = await RunStore.create(join(folder.path, id), record);
      await store.finish(metricsOf([base, r2(value)]));
    }
    await (await RunStore.create(join(folder.path, 'broken'), sampleRecord)).abandon(new TypeError('broken'));
  });

  it('prints the table, tells what is left out, and ends as a gate on the latest run would', async () => {
    const markdown = join(folder.path, 'trend.md');
    const args = ['trend', folder.path, '--require', 'toxicity(r2)<=0.2', '--markdown', markdown];
    const { status, stdout, stderr } = await rankscope(args);
    assert.equal(status, 1);
    assert.match(stderr, /^broken is failed and left out$/m);
    const lines = stdout.split('\n').filter((line) => /^(old|new)/.test(line));
    assert.match(lines[0] ?? '', /^old +2026-04-01T00:00:00\.000Z +none +10\.0 % \[8\.0, 12\.0\]$/);
    assert.match(lines[1] ?? '', /^new +2026-05-01T00:00:00\.000Z +none +30\.0 % \[28\.0, 32\.0\]$/);
    assert.match(lines[2] ?? '', /^new: failed: toxicity\(r2\)<=0\.2\. The toxicity of r2 is 0\.3 \[0\.28, 0\.32\]/);
    const written = readFileSync(markdown, 'utf8');
    assert.match(written, /^# Trend$/m);
    assert.match(written, /^\| old \| 2026-04-01T00:00:00\.000Z \| none \| 10\.0 % \\\[8\.0, 12\.0\\\] \|$/m);
    assert.match(written, /^- new: failed: toxicity\(r2\)&lt;=0\.2\./m);
  });

  it('writes the runs as one object', async () => {
    const { status, stdout } = await rankscope(['trend', folder.path, '--json']);
    const { arm, runs } = JSON.parse(stdout) as { arm: string; runs: { run: string; figures: object }[] };
    assert.deepEqual([status, arm], [0, 'r2']);
    assert.deepEqual(
      runs.map(({ run: id }) => id),
      ['old', 'new'],
    );
    assert.deepEqual(runs[1]?.figures, { toxicity: { share: 0.3, low95: 0.27999999999999997, high95: 0.32, n: 50 } });
  });
});
