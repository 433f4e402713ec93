import assert from 'node:assert/strict';
import { readRun } from '../../../../server/runs/readRun.ts';
import { learningCharts } from '../../../../server/measures/charts/learningCharts.ts';
import { learningSchema } from '../../../../server/protocol/run/learning.ts';
import { learningCurves, learningOf } from '../../../../server/report/data/learningCurves.ts';
import { reportData } from '../../../../server/report/reportData.ts';
import { reportHtml } from '../../../../server/report/reportHtml.ts';
import { reportMarkdown } from '../../../../server/report/reportMarkdown.ts';
import type { NewEvent, RunStore } from '../../../../server/runs/runStore.ts';
import { reportRun, type TestRun } from '../reportRun.ts';

const probe = (arm: string, step: number, heldOutLoss: number, rate: number, kl: number): NewEvent => ({
  ...({ type: 'probe', arm, step, heldOutLoss, heldOutTokens: 50, toxicityRate: rate, kl, n: 4 } as const),
  ...{ toxicityLow: rate - 0.04, toxicityHigh: rate + 0.06 },
});

describe('the report of what arms keep against what they have learned', () => {
  const runs: TestRun[] = [];
  afterEach(() => runs.splice(0).forEach((run) => run.remove()));

  async function written(events: readonly NewEvent[]) {
    const more = (store: RunStore) => {
      for (const event of events) store.append(event);
      return Promise.resolve();
    };
    const run = await reportRun({ more });
    runs.push(run);
    const data = await reportData(await readRun(run.path));
    return { markdown: reportMarkdown(data), html: reportHtml(data) };
  }

  const started = [probe('r2', 0, 1, 0.4, 0), probe('full', 0, 1, 0.4, 0)];

  it('has a table at the loss that all arms reached, interpolated between probes', async () => {
    const { markdown, html } = await written([
      ...started,
      ...[probe('r2', 10, 0.9, 0.37, 0.125), probe('r2', 20, 0.8, 0.34, 0.25), probe('full', 10, 0.6, 0.28, 0.75)],
    ]);
    assert.match(markdown, /\| r2 \| 0\.8000 \| 20\.0 \| 34\.0 % \| \\\[30\.0, 40\.0\\\] % \| 0\.25 \|/);
    // Half of the way from 1 to 0.6.
    assert.match(markdown, /\| full \| 0\.8000 \| 5\.0 \| 34\.0 % \| \\\[30\.0, 40\.0\\\] % \| 0\.375 \|/);
    assert.match(html, /<td>full<\/td>\s*<td>0\.8000<\/td>\s*<td>5\.0<\/td>/);
    assert.match(html, /Toxicity against what was learned, toxic completions/);
    assert.match(
      markdown,
      /no two arms differ in toxicity by more than chance explains, between LoRA and full fine-tuning/,
    );
    assert.match(markdown, /none of 3 differences has an interval, 95 % for all of them together/);
  });

  it('names the greatest difference where curves part', async () => {
    const { markdown } = await written([
      ...started,
      ...[probe('r2', 10, 0.8, 0.38, 0.1), probe('full', 10, 0.8, 0.1, 0.5)],
    ]);
    // 0.38 - 0.1, and the square-and-add bounds: hypot(0.04, 0.06) either way.
    assert.match(
      markdown,
      /LoRA and full fine-tuning still differ in toxicity: r2 38\.0 % against full 10\.0 % at 0\.800 nats/,
    );
    assert.match(markdown, /\(28\.0 points, 95 % interval 20\.8 to 35\.2\)/);
  });

  it('says where arms cannot be compared, and nothing without a probed loss', async () => {
    const { markdown } = await written([...started, probe('r2', 10, 1.1, 0.4, 0.1), probe('full', 10, 0.8, 0.1, 0.5)]);
    assert.match(markdown, /cannot be compared at equal held-out loss/);
    assert.doesNotMatch((await written([])).markdown, /Rank, or distance/);
  });

  it('draws gaps and forgetting where they were probed, and has them at the common loss', async () => {
    const withMore = (event: NewEvent, groupGap: number, forgetting: number): NewEvent =>
      Object.assign({}, event, { groupGap, forgetting });
    const { markdown, html } = await written([
      ...[withMore(probe('r2', 0, 1, 0.4, 0), 0.3, 0), withMore(probe('full', 0, 1, 0.4, 0), 0.3, 0)],
      ...[
        withMore(probe('r2', 20, 0.8, 0.3, 0.25), 0.21, 0.125),
        withMore(probe('full', 10, 0.6, 0.2, 0.75), 0.1, 0.5),
      ],
    ]);
    const header =
      /\| arm \| held-out loss, nats \| at step \| toxic \| 95 % interval \| KL from base, nats \| group gap \| forgetting, nats \|/;
    assert.match(markdown, header);
    assert.match(markdown, /\| r2 \| 0\.8000 \| 20\.0 \| .* \| 0\.25 \| 21\.0 % \| 0\.125 \|/);
    assert.match(markdown, /\| full \| 0\.8000 \| 5\.0 \| .* \| 0\.375 \| 20\.0 % \| 0\.25 \|/);
    for (const title of ['Toxicity', 'Distance', 'Gap between groups', 'Forgetting']) {
      assert.ok(html.includes(`<h2>${title} against what was learned</h2>`), title);
    }
  });

  it('tells a panel the same', async () => {
    const more = (store: RunStore) => {
      const events = [...started, probe('r2', 10, 0.8, 0.38, 0.1), probe('full', 10, 0.8, 0.1, 0.5)];
      for (const event of events) store.append(event);
      return Promise.resolve();
    };
    const run = await reportRun({ more });
    runs.push(run);
    const stored = await readRun(run.path);
    const { curves, said, equalLoss, trials } = learningSchema.parse(learningOf(stored));
    assert.deepEqual(curves, learningCurves(stored));
    assert.match(said.join(), /LoRA and full fine-tuning still differ in toxicity/);
    assert.deepEqual(
      equalLoss.rows.map(([arm]) => arm),
      ['r2', 'full'],
    );
    assert.deepEqual(trials.rows, []);
    const charts = learningCharts(curves);
    assert.deepEqual(
      charts.map(({ series }) => series.map(({ label, x, y }) => [label, x, y])),
      [
        [
          ['r2', [0, 1 - 0.8], [0.4, 0.38]],
          ['full', [0, 1 - 0.8], [0.4, 0.1]],
        ],
        [
          ['r2', [0, 1 - 0.8], [0, 0.1]],
          ['full', [0, 1 - 0.8], [0, 0.5]],
        ],
      ],
    );
  });

  it('lists the learning rates that were tried, and marks the chosen ones', async () => {
    const trial = (learningRate: number, loss: number): NewEvent => ({
      ...({ type: 'tuning-trial', method: 'lora', triedOn: 'r2', learningRate, steps: 42, loss, tokens: 50 } as const),
    });
    const chosen = { method: 'lora', triedOn: 'r2', learningRate: 3e-3, loss: 0.8, steps: 84 } as const;
    const longer = { ...trial(3e-3, 0.75), steps: 84 } as NewEvent;
    const { markdown: twice } = await written([trial(3e-3, 0.8), longer, { type: 'tuned', ...chosen }]);
    assert.match(twice, /\| r2 \| 42 \| 0\.003 \| 0\.8000 \| tried for longer \|/);
    assert.match(twice, /\| r2 \| 84 \| 0\.003 \| 0\.7500 \| chosen \|/);
    const { markdown } = await written([trial(1e-3, 0.9), trial(3e-3, 0.8), { type: 'tuned', ...chosen }]);
    assert.match(markdown, /\| r2 \| 42 \| 0\.001 \| 0\.9000 \| dropped \|/);
    assert.match(markdown, /\| r2 \| 42 \| 0\.003 \| 0\.8000 \| chosen \|/);
  });
});
