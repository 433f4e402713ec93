import assert from 'node:assert/strict';
import { armMeasures } from '../../../../server/measures/catalogue/armMeasures.ts';
import { probeCurves, stepCurves } from '../../../../server/measures/catalogue/curves.ts';
import { armStyles } from '../../../../webview/chart/armStyle.ts';
import { barsOf, curveChart, densityChart } from '../../../../webview/run/model/runCharts.ts';
import { received } from '../../../../webview/run/model/runModel.ts';
import { sampleArms, sampleMetrics } from '../../../../scripts/panelHarness/sampleArms.ts';
import { sampleDensities } from '../../../../scripts/panelHarness/sampleResults.ts';
import { sampleUpdate } from '../../../../scripts/panelHarness/sampleRun.ts';

const curveOf = (name: string) => [...stepCurves, ...probeCurves].find(({ key }) => key === name)!;
const measureOf = (name: string) => armMeasures(sampleMetrics.arms).find(({ key }) => key === name)!;
const styles = armStyles(sampleArms);
const all = { styles, isShown: () => true };
const model = received(undefined, sampleUpdate({ state: 'running', step: 40, of: 400 }, 1, 40));

describe('the charts of a run', () => {
  it('have a curve of every trained arm that is shown, in its style', () => {
    const chart = curveChart(curveOf('loss'), model.curves, { styles, isShown: (arm) => arm !== 'r8' });
    assert.deepEqual(
      chart.series.map(({ label }) => label),
      ['r2', 'r4', 'r16', 'r32', 'r64', 'full'],
    );
    assert.deepEqual(chart.series[0]?.style, styles.get('r2'));
    assert.equal(chart.series[0]?.x.length, 40);
  });

  it('have no line of what was never probed', () => {
    const points = { step: [1, 2], kl: [null, null], entropy: [1, 2], toxicityRate: [null, null] };
    const update = sampleUpdate({ state: 'running', step: 1, of: 10 }, 1, 1);
    const one = received(undefined, { ...update, probes: { r2: { replace: false, points } } });
    assert.equal(curveChart(curveOf('kl'), one.probes, all).series.length, 0);
    assert.equal(curveChart(curveOf('entropy'), one.probes, all).series.length, 1);
  });

  it('have a bar of every arm that was judged, with its interval (figure 2), and of every arm with a KL (figure 6)', () => {
    const unjudged = sampleMetrics.arms.map((arm) =>
      arm.id === 'r4' ? { ...arm, toxicity: { unmeasured: 'none' }, unjudged: 672 } : arm,
    );
    const bars = barsOf(measureOf('toxicity'), unjudged, all).bars;
    assert.deepEqual(
      bars.map(({ label }) => label),
      ['base', 'r2', 'r8', 'r16', 'r32', 'r64', 'full'],
    );
    assert.ok(bars.every(({ value, low, high }) => low! <= value && value <= high!));
    assert.equal(barsOf(measureOf('kl'), unjudged, all).bars[0]?.label, 'r2');
  });

  it('put densities that span decades on a logarithmic axis', () => {
    assert.equal(densityChart(sampleDensities(), all).logarithmicX, true);
    assert.equal(densityChart({ r2: { nats: [0, 1], density: [1, 1] } }, all).logarithmicX, false);
  });
});
