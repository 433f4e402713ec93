import assert from 'node:assert/strict';
import { measureAllPositions, measureDivergence } from '../../../../server/experiments/toxicity/divergence.ts';
import { FakeModel } from '../fakeModel.ts';

const { signal } = new AbortController();
const texts = [
  { prompt: 'a', continuation: [1, 2] },
  { prompt: 'b', continuation: [] },
];

describe('measureAllPositions', () => {
  const model = new FakeModel();
  model.steps.set('r2', 4);

  it('has at the last position of each prompt what measureDivergence has', async () => {
    const all = await measureAllPositions(model, ['r2'], texts, signal);
    const next = await measureDivergence(model, ['r2'], ['a', 'b'], signal);
    assert.deepEqual(
      all.map((lines) => lines.map(({ promptIndex, kl, entropy }) => ({ promptIndex, kl, entropy }))),
      next.map((lines) => lines.map(({ promptIndex, kl, entropy }) => ({ promptIndex, kl, entropy }))),
    );
    const [first, second] = all[1]!;
    assert.deepEqual([first!.promptTokens, first!.klAt!.length, second!.klAt!.length], [3, 4, 3]);
    assert.ok(Math.abs(first!.klAt![2]! - first!.kl!) < 1e-6);
    assert.ok(first!.klAt![0]! < first!.kl!);
    assert.ok(all[0]!.every((line) => line.klAt === undefined && line.kl === undefined));
  });

  it('is from the base to the arm: sum of p_base log(p_base / p_arm)', async () => {
    const line = (await measureAllPositions(model, ['r2'], [texts[0]!], signal))[1]![0];
    // Uniform over three tokens against softmax([2, 0, 0]).
    const z = Math.exp(2) + 2;
    assert.ok(Math.abs(line!.kl! - (Math.log(z / 3) * 3 - 2) / 3) < 1e-6);
  });

  it('says why there is no number after a prompt', async () => {
    const excluding = new FakeModel();
    excluding.nextTokenLogProbabilities = (_arms, _prompts, visit) => {
      visit(0, [Float32Array.of(Math.log(0.5), Math.log(0.5)), Float32Array.of(-Infinity, 0)]);
      return Promise.resolve();
    };
    const [, lines] = await measureDivergence(excluding, ['r2'], ['a'], signal);
    const { kl, klReason } = lines![0]!;
    assert.deepEqual([kl, klReason], [undefined, 'infinite: the arm excludes token 0, which the base allows']);
  });

  it('has null where the arm excludes what the base allows', async () => {
    const excluding = new FakeModel();
    excluding.positionLogProbabilities = (_arms, _texts, visit) => {
      visit({ text: 0, position: 0, promptTokens: 1 }, [
        Float32Array.of(Math.log(0.5), Math.log(0.5)),
        Float32Array.of(0, -Infinity),
      ]);
      return Promise.resolve();
    };
    const line = (await measureAllPositions(excluding, ['r2'], [texts[1]!], signal))[1]![0];
    assert.deepEqual([line!.klAt, line!.kl], [[null], undefined]);
    assert.equal(line!.klReason, 'infinite: the arm excludes token 1, which the base allows');
  });
});
