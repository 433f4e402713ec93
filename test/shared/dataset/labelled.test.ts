import assert from 'node:assert/strict';
import path from 'node:path';
import { labelledData } from '../../../server/cli/recipes/findData.ts';
import { groupCounts, readClassificationData } from '../../../server/experiments/classification/classificationData.ts';
import { classificationSweepSchema } from '../../../server/protocol/sweep/classificationSweep.ts';

const shared = process.env.RANKSCOPE_SHARED ?? path.join(import.meta.dirname, '../../../../shared');

/** Training and test examples of each class, as a sweep over a whole data set at a given rate reads them. */
async function counts(dataset: 'IMDb' | 'SST2' | 'Rotten Tomatoes') {
  const data = { ...labelledData(path.join(shared, 'data'), dataset), maxWords: 10_000 };
  const sweep = classificationSweepSchema.parse({
    experiment: 'classification',
    model: 'm',
    data,
    arms: { learningRate: 1e-4 },
  });
  const { training, test, groups } = await readClassificationData(sweep);
  return [training, test].map((examples) => groupCounts(examples, groups).map(({ n }) => n));
}

describe('labelled data sets', () => {
  it('reads SST2 without a header: more positive sentences than negative ones, as the paper has it', async () => {
    const [[negative = 0, positive = 0] = [], test = []] = await counts('SST2');
    assert.ok(negative > 3000 && positive > negative, `${negative} and ${positive}`);
    assert.deepEqual(test, [428, 444]);
  });

  it('reads reviews with quotes and line breaks, and leaves no text of the test in training', async () => {
    for (const [dataset, total] of [
      ['IMDb', 3000],
      ['Rotten Tomatoes', 8530],
    ] as const) {
      const found = (await counts(dataset)).flat().reduce((sum, n) => sum + n, 0);
      // A text that stands twice may fall into both shares; it is then no longer trained on.
      assert.ok(found <= total && found > 0.99 * total, `${dataset}: ${found}`);
    }
  });
});
