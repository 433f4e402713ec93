import assert from 'node:assert/strict';
import type { CurvePoints, RunUpdate } from '../../../../server/protocol/messages/runsContract.ts';
import { filled } from '../../../../webview/chart/column.ts';
import { pointCount, received, type RunModel } from '../../../../webview/run/model/runModel.ts';
import { sampleView } from '../../../../scripts/panelHarness/sampleRun.ts';

const view = sampleView({ state: 'running', step: 3, of: 10 });

function update(
  steps: number[],
  { replace = false, loss = steps }: { replace?: boolean; loss?: number[] } = {},
): RunUpdate {
  const points: CurvePoints = { step: steps, loss, learningRate: loss, tokensPerSecond: loss, memoryBytes: loss };
  return { view, curves: { r2: { replace, points } }, probes: {} };
}

function lossOf(model: RunModel): (readonly number[])[] {
  const { step, loss } = model.curves.get('r2')!;
  return [[...filled(step)], [...filled(loss!)]];
}

describe('what a run panel knows', () => {
  it('grows with what is new', () => {
    const model = received(received(undefined, update([1, 2])), update([3, 4]));
    assert.deepEqual(lossOf(model), [
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
    assert.equal(pointCount(model), 4);
  });

  it('is replaced where a curve was thinned anew', () => {
    const model = received(received(undefined, update([1, 2, 3, 4])), update([1, 4], { replace: true }));
    assert.deepEqual(lossOf(model)[0], [1, 4]);
  });

  it('forgets steps that are trained again after a resume', () => {
    const before = received(undefined, update([1, 2, 3, 4]));
    const model = received(before, update([3, 4, 5], { loss: [30, 40, 50] }));
    assert.deepEqual(lossOf(model), [
      [1, 2, 3, 4, 5],
      [1, 2, 30, 40, 50],
    ]);
  });

  it('keeps the curves of arms that an update does not speak of', () => {
    const model = received(received(undefined, update([1])), { view, curves: {}, probes: {} });
    assert.deepEqual(lossOf(model)[0], [1]);
  });

  it('starts anew with the first update of a watch, and knows what was not measured', () => {
    received(undefined, update([1, 2]));
    const probes = { step: [5, 10], kl: [0.1, null], entropy: [null, null], toxicityRate: [null, 0.25] };
    const model = received(undefined, { view, curves: {}, probes: { r2: { replace: false, points: probes } } });
    assert.equal(model.curves.size, 0);
    assert.deepEqual([...filled(model.probes.get('r2')!.kl!)], [0.1, Number.NaN]);
  });
});
