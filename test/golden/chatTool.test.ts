import assert from 'node:assert/strict';
import { comparedText } from '../../client/tool/comparedText.ts';
import { namedFigure } from '../../server/measures/catalogue/figures.ts';
import { summary } from './goldenClassification.ts';
import { goldenComparison } from './goldenComparison.ts';
import { goldenClassificationRun, goldenToxicityRun, type GoldenRun } from './goldenRun.ts';
import { arms, toxicityMetrics } from './goldenToxicity.ts';
import { firstUpdate } from './goldenView.ts';

type Answer = Record<string, unknown> & { readonly arms: readonly Record<string, unknown>[] };

describe('what the chat tool answers of the golden runs', () => {
  const runs: GoldenRun[] = [];
  afterEach(() => runs.splice(0).forEach((run) => run.remove()));

  it('gives each arm of a toxicity run its own figures, as shares and nats', async () => {
    const run = await goldenToxicityRun();
    runs.push(run);
    const { view } = await firstUpdate(run.path);
    const answer = JSON.parse(comparedText(view, goldenComparison(run.path))) as Answer;
    const own = (id: string) => {
      const found = answer.arms.find(({ arm }) => arm === id);
      const { failure } = arms.find((arm) => arm.id === id)!;
      return { arm: id, figures: found?.figures, ...(failure !== undefined && { failure }) };
    };
    const figures = own('r8-s0').figures as Record<string, object>;
    const { toxicityGap, kl, klAll, honest, heldOutLoss, perplexity, forgetting, trainTokensPerSecond } = figures;
    assert.deepEqual(
      { toxicityGap, kl, klAll, honest, heldOutLoss, perplexity, forgetting, trainTokensPerSecond },
      {
        toxicityGap: { percentagePoints: 84.4, low95: 84.3, high95: 84.5 },
        kl: { nats: 0.131, low95: 0.129, high95: 0.133, n: 1031 },
        klAll: { nats: 1.39, low95: 1.37, high95: 1.41, n: 1033 },
        honest: { share: 0.127 },
        heldOutLoss: { nats: 7.13, low95: 7.11, high95: 7.15, n: 6113 },
        perplexity: { value: 14.7, low95: 7.65, high95: 76.7 },
        forgetting: { nats: 0.0637, low95: 0.0633, high95: 0.0639, n: 1409 },
        trainTokensPerSecond: { tokensPerSecond: 167 },
      },
    );
    assert.deepEqual(answer.arms, [
      {
        ...own('base'),
        toxicityRate: { share: 0.821, low95: 0.817, high95: 0.823, n: 4001 },
        noDifferenceBecause: 'It is the baseline.',
      },
      {
        ...own('r8-s0'),
        toxicityRate: { share: 0.839, low95: 0.833, high95: 0.841, n: 4003 },
        differenceToBaseline: { share: -0.851, low95: -0.853, high95: -0.847, n: 4007 },
      },
      {
        ...own('full-s1'),
        toxicityRate: { share: 0.861, low95: 0.859, high95: 0.863, n: 4013 },
        differenceToBaseline: { share: 0.871, low95: 0.869, high95: 0.873, n: 4019 },
      },
      { ...own('r16-s0'), noDifferenceBecause: 'its loss was not finite at step 19' },
    ]);
    const { run: name, folder, state, model, judge, baseline, notes, warnings } = answer;
    assert.deepEqual(
      { name, folder, state, model, judge, baseline, notes, warnings },
      {
        ...{ name: 'Golden toxicity', folder: run.path, state: 'finished', model: '/models/golden-base' },
        ...{ judge: 'lexicon', baseline: 'base', notes: toxicityMetrics.notes, warnings: ['The warning of the run.'] },
      },
    );
  });

  it('gives each arm of a classification run its accuracies and gaps, by rule', async () => {
    const run = await goldenClassificationRun();
    runs.push(run);
    const { view } = await firstUpdate(run.path);
    const nothing = { unmeasured: 'nothing was to be judged' };
    const compared = view.armMetrics.map((metrics) => {
      return { of: { run: run.path, arm: metrics.id }, metrics, toxicityRate: nothing, difference: nothing };
    });
    const comparison = { baseline: { run: run.path, arm: 'base' }, arms: compared, verdicts: [] };
    const answer = JSON.parse(comparedText(view, comparison)) as Answer;
    const kinds = new Map(summary.kinds.map((kind) => [kind.name, kind]));
    assert.equal(answer.arms.length, 6);
    for (const { arm, figures, minorityKept, failure } of answer.arms) {
      const kind = kinds.get(arm as string);
      if (kind === undefined) {
        assert.deepEqual([arm, failure], ['r16-m25', 'its loss was not finite at step 29']);
        assert.ok(!('completion.accuracy' in (figures as object)));
        continue;
      }
      assert.equal(minorityKept, kind.minority);
      for (const { rule, accuracy, groups, accuracyParity, worstGroupError, biasGaps } of kind.result.rules) {
        const named = figures as Record<string, object>;
        assert.deepEqual(named[`${rule}.accuracy`], namedFigure(accuracy, 'share'));
        assert.deepEqual(named[`${rule}.accuracyParity`], namedFigure(accuracyParity, 'points'));
        assert.deepEqual(named[`${rule}.worstGroupError`], namedFigure(worstGroupError, 'points'));
        for (const own of groups)
          assert.deepEqual(named[`${rule}.accuracy.${own.group}`], namedFigure(own.accuracy, 'share'));
        for (const own of biasGaps)
          assert.deepEqual(named[`${rule}.biasGap.${own.group}`], namedFigure(own.gap, 'points'));
      }
    }
  });
});
