import assert from 'node:assert/strict';
import { htmlString } from '../../../../server/report/tables/htmlText.ts';
import { divergenceTable, logDensity } from '../../../../server/report/data/klDensity.ts';
import { klDensityChart } from '../../../../server/report/figures/klDensityChart.ts';

/** 1, 2, .. 9 times 10^-3 and so on: spread over three decades. */
const spread = [0.001, 0.01, 0.1].flatMap((unit) => Array.from({ length: 9 }, (_, i) => (i + 1) * unit));

describe('density of the KL divergences of an arm', () => {
  it('has the integral 1 over all decades', () => {
    const density = logDensity(spread, -8, 4, 2000);
    assert.ok(density);
    const integral = density.values.reduce((sum, value) => sum + value, 0) * (12 / 1999);
    assert.ok(Math.abs(integral - 1) < 1e-4, String(integral));
  });

  it('has its mode where the values are', () => {
    const near = Array.from({ length: 40 }, (_, i) => 0.1 * (1 + 0.01 * (i - 20)));
    const density = logDensity(near, -3, 1);
    assert.ok(density);
    const mode = density.at[density.values.indexOf(Math.max(...density.values))] ?? NaN;
    assert.ok(Math.abs(mode + 1) < 0.05, String(mode));
  });

  it('is that of a single kernel for values far apart', () => {
    // Five values: sd and quartiles of their logarithms -2, -1, 0, 1, 2 give Silverman's width by hand.
    const width = 0.9 * Math.min(Math.sqrt(2.5), 2 / 1.34) * 5 ** -0.2;
    const density = logDensity([0.01, 0.1, 1, 10, 100], 0, 1, 2);
    const kernel = (x: number) => Math.exp(-0.5 * (x / width) ** 2) / (5 * width * Math.sqrt(2 * Math.PI));
    const expected = [-2, -1, 0, 1, 2].reduce((sum, log) => sum + kernel(log), 0);
    assert.ok(Math.abs((density?.values[0] ?? 0) - expected) < 1e-12);
  });

  it('does not exist for few values, equal ones and zeros', () => {
    assert.equal(logDensity([0.1, 0.2, 0.3, 0.4], -3, 1), undefined);
    assert.equal(logDensity([0.1, 0.1, 0.1, 0.1, 0.1], -3, 1), undefined);
    assert.equal(logDensity([0, 0, 0, 0, 0, 0.1], -3, 1), undefined);
  });

  it('stands in a table of quantiles', () => {
    const values = Array.from({ length: 11 }, (_, i) => i / 10);
    assert.deepEqual(divergenceTable([{ arm: 'r2', method: 'lora', values }]).rows, [
      ['r2', '11', '0.1', '0.5', '0.9', '1'],
    ]);
  });
});

describe('chart of the densities', () => {
  it('draws a ridge and the median of each arm over whole decades', () => {
    const chart = klDensityChart([
      { arm: 'r2', method: 'lora', values: spread },
      { arm: 'full', method: 'full', values: spread.map((value) => value * 10) },
    ]);
    const text = chart ? htmlString(chart) : '';
    assert.equal(text.match(/<polygon/g)?.length, 2);
    assert.match(text, /r2: median 0.05 nats over 27 held-out prompts/);
    assert.deepEqual(
      [...text.matchAll(/class="label"[^>]*>([^<]*)</g)].map(([, label]) => label),
      ['0.001', '0.01', '0.1', '1', '10'],
    );
    assert.doesNotMatch(text, /NaN|Infinity|undefined/);
  });

  it('shows the median alone where there is no shape, and nothing where nothing differs', () => {
    const chart = klDensityChart([{ arm: 'r2', method: 'lora', values: [0.1, 0.2] }]);
    assert.ok(chart);
    assert.doesNotMatch(htmlString(chart), /<polygon/);
    assert.match(htmlString(chart), /median 0.15 nats over 2 held-out prompts/);
    assert.equal(klDensityChart([{ arm: 'r2', method: 'lora', values: [0, 0] }]), undefined);
    assert.equal(klDensityChart([]), undefined);
  });
});
