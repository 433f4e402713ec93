import assert from 'node:assert/strict';
import type { LensResult } from '../../../../server/protocol/run/lens.ts';
import type { LineChart } from '../../../../server/measures/charts/chart.ts';
import type { RoundResult } from '../../../../server/protocol/run/run.ts';
import { heatClass, heatSteps, lensFigure } from '../../../../server/report/figures/lensFigure.ts';
import { heatRules } from '../../../../server/report/heatStyle.ts';
import { htmlString } from '../../../../server/report/tables/htmlText.ts';
import { drawLines } from '../../../../server/report/figures/lineChart.ts';
import { readRun } from '../../../../server/runs/readRun.ts';
import { reportData } from '../../../../server/report/reportData.ts';
import { reportHtml } from '../../../../server/report/reportHtml.ts';
import { reportMarkdown } from '../../../../server/report/reportMarkdown.ts';
import { sampleArm, sampleMetrics } from '../../runs/sampleRun.ts';
import { hostile, reportRun, type TestRun } from '../reportRun.ts';

const cell = (token: string, entropy: number, kl?: number) => ({
  top: [
    { id: 1, token, probability: 0.75 },
    { id: 2, token: ' a', probability: 0.125 },
  ],
  entropy,
  ...(kl !== undefined && { kl }),
});
const lensOf = (text: string): LensResult => ({
  prompt: text,
  arms: [
    { arm: 'base', tokens: [text], layers: [[cell(text, 0)], [cell(' x', 2.2)]] },
    { arm: 'r2', tokens: [text], layers: [[cell(text, 0, 0)], [cell('\n', 1, 0.05)]] },
  ],
});
const rounds: readonly RoundResult[] = [1, 2].map((round) => ({
  ...{ round, arm: 'r2', steps: 4, prompts: 3, pairs: 6 },
  toxicity: { value: 0.5 / round, low: 0.1, high: 0.6, n: 40 },
  unjudged: 0,
  kl: { value: 0.01 * round, low: 0.001, high: 0.1, n: 20 },
}));

describe('the figures of a run that looked closely', () => {
  let run: TestRun;
  let page: string;
  let markdown: string;
  before(async () => {
    const kl = { value: 0.02, low: 0.01, high: 0.03, n: 20 };
    const r2 = sampleArm({ id: 'r2', method: 'lora', kl, klAll: { ...kl, n: 140 } });
    run = await reportRun({
      text: hostile,
      metrics: { ...sampleMetrics, arms: [...sampleMetrics.arms.filter(({ id }) => id !== 'r2'), r2], rounds },
      more: async (store) => {
        for (const [step, distance] of [
          [0, 0],
          [4, 0.5],
          [4, 0.25],
          [8, 0.75],
        ] as const)
          store.append({ type: 'probe', arm: 'r2', step, kl: distance, n: 4 });
        const lines = Array.from({ length: 9 }, (_, promptIndex) => {
          return {
            promptIndex,
            kl: 0.1 + promptIndex / 10,
            promptTokens: 2,
            klAt: [0.01, 0.1 + promptIndex / 10, null],
          };
        });
        await store.writeArmLines('r2', 'divergence', lines);
        await store.writeStage('lens', [lensOf(hostile)]);
      },
    });
    const data = await reportData(await readRun(run.path));
    [page, markdown] = [reportHtml(data), reportMarkdown(data)];
  });
  after(() => run.remove());

  it('has a heat map an arm, the last layer first, with the five likeliest to be pointed at', () => {
    assert.equal(page.match(/<table class="lens">/g)?.length, 2);
    // 2.2 nats of a scale to 2.5 is the tenth of eleven colours.
    assert.match(
      page,
      /1 = output<\/th>\s*<td class="h9" title="␣x {2}75\.0 %\n␣a {2}12\.5 %\nentropy 2\.2 nats">␣x<\/td>/,
    );
    assert.match(page, /KL from base 0\.05 nats">⏎<\/td>/);
    assert.match(page, /aria-label="Colour scale of the entropy, 0 to 2\.5 nats"/);
  });

  it('takes tokens and prompts for text', () => {
    assert.doesNotMatch(page, /<img|<script/);
    for (const tag of page.replace(/<style>[^]*?<\/style>/, '').match(/<[^>]*>/g) ?? []) {
      assert.doesNotMatch(tag.replace(/"[^"]*"/g, '""'), /\s(on\w+|style|src|href)\s*=/i, tag);
    }
    assert.doesNotMatch(markdown, /</);
  });

  it('spreads KL over prompts and over positions, leaving out the infinite', () => {
    assert.match(page, /median 0\.5 nats over 9 held-out prompts/);
    assert.match(page, /over 18 positions/);
    assert.match(markdown, /## KL from the base, position by position\n\n.*\n.*\n\| r2 \| 18 \|/);
    assert.match(page, /KL at every position/);
  });

  it('draws KL over the training, each step as it was measured last', () => {
    assert.match(page, /<h2>KL from the base, probed<\/h2>/);
    assert.match(
      markdown,
      /## KL from the base, probed, nats\n\n\| step \| r2 \|\n\| --- \| --- \|\n\| 0 \| 0 \|\n\| 4 \| 0\.25 \|\n\| 8 \| 0\.75 \|/,
    );
  });

  it('tells what each round made of each arm', () => {
    assert.match(page, /Rounds of mitigation/);
    assert.match(
      markdown,
      /\| 2 \| r2 \| 6 \| 4 \| 25\.0 % \| \\\[10\.0, 60\.0\\\] % \| 40 \| 0 \| 0\.02 \\\[0\.001, 0\.1\\\] \|/,
    );
  });

  it('counts toxic and other completions', () => {
    assert.deepEqual(sampleMetrics.arms[0]!.toxicity, { value: 0.5, low: 0.3, high: 0.7, n: 20 });
    assert.ok(page.includes('base: 10 toxic, 10 not toxic'));
  });
});

describe('lensFigure', () => {
  it('draws no distance where the base is alone', () => {
    const alone = { ...lensOf('a'), arms: lensOf('a').arms.slice(0, 1) };
    assert.doesNotMatch(htmlString(lensFigure(alone)), /<svg/);
    assert.match(htmlString(lensFigure(lensOf('a'))), /<svg/);
  });
});

describe('the colours of a heat map', () => {
  it('go from the cold one over the neutral one to the warm one', () => {
    assert.equal(
      heatRules(3, ['#0000ff', '#ffffff', '#ff0000']),
      '.h0 { background: #0000ff; } .h1 { background: #ffffff; } .h2 { background: #ff0000; }',
    );
    assert.match(heatRules(5, ['#000000', '#808080', '#ffffff']), /\.h1 \{ background: #404040; \}/);
  });

  it('divide the scale evenly, its end included', () => {
    assert.deepEqual(
      [0, 0.2, 1, 2].map((nats) => heatClass(nats, 2)),
      ['h0', 'h1', 'h5', `h${heatSteps - 1}`],
    );
  });
});

describe('a line chart on a logarithmic axis', () => {
  const style = { colour: 0, dash: [7, 3], marker: 'circle' } as const;
  const chart = (x: readonly number[], y: readonly number[]): LineChart => ({
    ...{ kind: 'lines', title: 't', xTitle: 'step', yTitle: 'nats', logarithmicY: true, format: String },
    ...{ series: [{ label: 'r2', style, x, y }], place: (at: number) => `step ${at}` },
  });

  it('has powers of ten for ticks and leaves out what has no logarithm', () => {
    const drawn = htmlString(drawLines(chart([0, 1, 2], [0, 0.01, 1]))!);
    assert.deepEqual(
      drawn.match(/class="tick"[^>]*>[^<]*/g)?.map((tick) => tick.split('>')[1]),
      ['0.01', '0.1', '1'],
    );
    assert.match(drawn, /class="curve c0" stroke-dasharray="7 3" points="64,250 748,16"/);
    // The places at the ends reach into the plot, and not over its edge.
    assert.match(drawn, /class="label start" x="64"[^>]*>step 1</);
    assert.match(drawn, /class="label end" x="748"[^>]*>step 2</);
    assert.match(drawn, /<title>t, nats, logarithmic<\/title>/);
    assert.equal(drawLines(chart([0], [0])), undefined);
  });
});
