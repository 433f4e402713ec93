import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupArms, type ArmGroup } from '../../../server/engine/generate/armWeights.ts';
import { decode } from '../../../server/engine/generate/decode.ts';
import { Scorer } from '../../../server/engine/generate/scorer.ts';
import { defineModel } from '../../../server/engine/models/families/families.ts';
import { loadWeights } from '../../../server/engine/models/modelWeights.ts';
import { openHuggingFaceFolder } from '../../../server/engine/checkpoints/openHuggingFaceFolder.ts';

const shared = process.env.RANKSCOPE_SHARED ?? join(import.meta.dirname, '../../../../shared');
const stories = join(shared, 'models/stories260K');

interface Reference {
  readonly prompt: string;
  readonly ids: readonly number[];
  /** Of the last position, to five decimals. */
  readonly last_logits: readonly number[];
  readonly greedy24: readonly number[];
}
const references = JSON.parse(readFileSync(join(stories, 'reference.json'), 'utf8')) as readonly Reference[];

/** Only base: no arm has been trained. */
const [base] = groupArms(['base'], new Map()) as [ArmGroup];

const largestGap = (a: ArrayLike<number>, b: readonly number[]): number =>
  Math.max(...b.map((x, i) => Math.abs(x - (a[i] ?? NaN))));

describe('stories260K, against the numbers of its reference', () => {
  let scorer: Scorer;

  before(async () => {
    const checkpoint = await openHuggingFaceFolder(join(stories, 'hf'));
    const definition = defineModel(checkpoint.config, checkpoint.path);
    scorer = new Scorer(definition, await loadWeights(definition, checkpoint), { threads: 1 });
    await checkpoint.tensors.close();
  });
  after(() => scorer.release());

  for (const { prompt, ids, last_logits: expected } of references) {
    it(`computes the logits after "${prompt}"`, async () => {
      const { outputs } = await scorer.prefill(base, [{ arm: 0, ids }], ['logits']);
      const logits = outputs.floats('logits');
      assert.equal(logits.length, expected.length);
      assert.ok(largestGap(logits, expected) < 1e-4, `differs by ${largestGap(logits, expected)}`);
    });
  }

  it('computes them as well when the prompts, of unequal lengths, are packed into one batch', async () => {
    const { outputs } = await scorer.prefill(
      base,
      references.map(({ ids }) => ({ arm: 0, ids })),
      ['logits'],
    );
    const gap = largestGap(
      outputs.floats('logits'),
      references.flatMap((r) => r.last_logits),
    );
    assert.ok(gap < 1e-4, `differs by ${gap}`);
  });

  it('goes on greedily with the tokens of the reference, all prompts in one batch', async () => {
    const completions = await decode(
      scorer,
      base,
      references.map(({ ids }, index) => ({ index, ids })),
      {
        maxNewTokens: 24,
        temperature: 0,
        topK: 0,
        topP: 1,
        samples: 1,
        seed: 0,
        endTokens: new Set(),
        isComplete: () => false,
      },
    );
    assert.deepEqual(
      completions.map(({ tokens }) => tokens),
      references.map((r) => r.greedy24),
    );
  });
});
