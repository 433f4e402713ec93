import assert from 'node:assert/strict';
import { groupArms, type Arm } from '../../../../server/engine/generate/armWeights.ts';
import { logSoftmax } from '../../../../server/engine/generate/logSoftmax.ts';
import { promptText, type ModelPrompt } from '../../../../server/experiments/ports/modelPort.ts';
import { readPositions } from '../../../../server/engine/generate/positions.ts';
import { readArmPositions } from '../../../../server/worker/host/readArmPositions.ts';
import { drawArm, groupOf, largestGap, logitsOf, openScorer, VOCABULARY } from './randomModel.ts';

describe('readPositions', () => {
  const scorer = openScorer('llama');
  const known = new Map<string, Arm>([
    ['r2', drawArm(scorer.definition, 2, { seed: 1, targets: 'all-linear' })],
    ['few', drawArm(scorer.definition, 3, { seed: 3 })],
  ]);
  const arms = ['few', 'base', 'r2'];
  after(() => scorer.release());

  it('gives every arm at every position of every text what it gives that text alone, in several parts', async () => {
    const texts = Array.from({ length: 30 }, (_, i) => Array.from({ length: 1 + (i % 9) }, (_, j) => (7 * i + j) % 40));
    const seen: string[] = [];
    const rows = new Map<string, Float32Array>();
    let parts = 0;
    const visit = (text: number, position: number, ofArms: readonly Float32Array[]): void => {
      seen.push(`${text} ${position}`);
      ofArms.forEach((row, a) => rows.set(`${arms[a]} ${text} ${position}`, row));
    };
    await readPositions(scorer, groupArms(arms, known), { arms, texts }, visit, () => {
      parts += 1;
      return Promise.resolve();
    });
    // 30 texts of 1 to 9 tokens are 144 rows for each of three arms, and 170 fit at a time.
    assert.equal(parts, 1);
    assert.deepEqual(
      seen,
      texts.flatMap((ids, text) => ids.map((_, position) => `${text} ${position}`)),
    );
    for (const [text, ids] of [...texts.entries()].slice(20)) {
      for (const arm of arms) {
        const logits = await logitsOf(scorer, groupOf([arm], known), 0, ids);
        for (const p of ids.keys()) {
          const alone = logSoftmax(logits.subarray(p * VOCABULARY, (p + 1) * VOCABULARY));
          assert.ok(largestGap(rows.get(`${arm} ${text} ${p}`)!, alone) < 1e-5, `${arm} ${text} ${p}`);
        }
      }
    }
  });

  it('reads a text longer than fits at a time, and others after it', async () => {
    const texts = [Array.from({ length: 39 }, (_, i) => i), [1, 2]];
    const many = Array.from({ length: 20 }, () => 'base');
    const seen: number[] = [];
    await readPositions(scorer, groupArms(['base'], known), { arms: many, texts }, (text) => void seen.push(text));
    assert.deepEqual([seen.length, seen.filter((text) => text === 1).length], [41, 2]);
  });
});

describe('readArmPositions', () => {
  const scorer = openScorer('gpt2');
  after(() => scorer.release());

  it('ends before the token that follows the continuation, and cuts at the positions of the model', async () => {
    const texts = [
      { prompt: 'abc', continuation: [5, 6] },
      { prompt: 'ab', continuation: [] },
      { prompt: 'abc', continuation: Array.from({ length: 60 }, () => 4) },
    ];
    const encode = (prompt: ModelPrompt) => Array.from(promptText(prompt), (_, i) => i);
    const places: string[] = [];
    await readArmPositions({ scorer, arms: new Map() }, encode, ['base'], texts, ({ text, position, promptTokens }) => {
      if (text < 2 || position > 37) places.push(`${text} ${position} ${promptTokens}`);
    });
    assert.deepEqual(places, ['0 0 3', '0 1 3', '0 2 3', '0 3 3', '1 0 2', '1 1 2', '2 38 3', '2 39 3']);
  });
});
