import assert from 'node:assert/strict';
import { adapterNames } from '../../../../server/engine/adapters/adapterMethod.ts';
import { groupArms, maskFeed, type Arm } from '../../../../server/engine/generate/armWeights.ts';
import { decode, type DecodeOptions } from '../../../../server/engine/generate/decode.ts';
import { readLens } from '../../../../server/engine/generate/lens.ts';
import { readPositions } from '../../../../server/engine/generate/positions.ts';
import { FAULT } from '../../../../server/engine/generate/rowFaults.ts';
import type { Scorer } from '../../../../server/engine/generate/scorer.ts';
import { packFor } from '../../../../server/engine/batch/packing.ts';
import { BrokenArm } from '../../../../server/protocol/finite.ts';
import { drawArm, groupOf, MODELS, openScorer, VOCABULARY } from './randomModel.ts';

const options: DecodeOptions = {
  ...{ maxNewTokens: 6, temperature: 0.8, topK: 0, topP: 0.9, samples: 2, seed: 3 },
  ...{ endTokens: new Set<number>(), isComplete: () => false },
};
const prompts = [[7], [3, 14, 15, 9, 26], [5, 5, 0, 39, 1, 2]].map((ids, index) => ({ index, ids }));

/** An arm whose A is so large that its products overflow in every row, its own or another's; its values stay finite. */
function overflowing(scorer: Scorer, rank: number): Arm {
  const arm = drawArm(scorer.definition, rank, { seed: 9 });
  for (const { name } of arm.targets) {
    const { data } = arm.store.tensor(adapterNames(name).a, 'value');
    data.forEach((value, i) => (data[i] = Math.sign(value) * 3e38));
  }
  return arm;
}

const isBroken =
  (arm: string, place: RegExp) =>
  (error: unknown): boolean =>
    error instanceof BrokenArm && error.arm === arm && place.test(error.message);

for (const model of MODELS) {
  describe(`an arm that overflows, ${model}`, () => {
    let scorer: Scorer;
    let arms: Map<string, Arm>;

    before(() => {
      scorer = openScorer(model);
      arms = new Map<string, Arm>([
        ['r2', drawArm(scorer.definition, 2, { seed: 2 })],
        ['r3', drawArm(scorer.definition, 3, { seed: 3 })],
        ['usual', drawArm(scorer.definition, 4, { seed: 4 })],
        ['broken', overflowing(scorer, 4)],
      ]);
    });
    after(() => scorer.release());

    /** Logits of one pass over the prompts with every arm, those of the arm named last included, whatever they are. */
    async function logitsBeside(ids: readonly string[]): Promise<Map<string, Float32Array>> {
      const group = groupOf(ids, arms);
      const sequences = group.ids.flatMap((_, arm) => prompts.map((prompt) => ({ arm, ids: prompt.ids })));
      const owners = sequences.map(({ arm }) => arm);
      const batch = packFor(
        scorer.definition.config,
        sequences.map((sequence) => sequence.ids),
        { sharesPrefixes: owners },
      );
      const armOfRow = batch.sequenceOf.map((sequence) => owners[sequence] ?? 0);
      const rows = BigInt64Array.from(batch.rowsOf.flat(), BigInt);
      const feeds = new Map([
        ...[...batch.feeds, ...group.feeds, ...maskFeed(group, armOfRow)],
        ['label_rows', { data: rows, dims: [rows.length] }] as const,
      ]);
      const outputs = await (await scorer.program('prefill', group)).run(feeds, ['logits', FAULT]);
      const faults = outputs.floats(FAULT);
      const width = prompts.reduce((sum, prompt) => sum + prompt.ids.length, 0);
      return new Map(
        group.ids.map((id, arm) => {
          const isFaulty = faults.subarray(arm * width, (arm + 1) * width).some(Number.isNaN);
          assert.equal(isFaulty, id === 'broken', `${id} says whether its rows are finite`);
          return [
            id,
            outputs.floats('logits').slice(arm * width * VOCABULARY, (arm + 1) * width * VOCABULARY),
          ] as const;
        }),
      );
    }

    for (const order of [
      ['base', 'r2', 'r3'],
      ['r3', 'r2'],
    ]) {
      it(`leaves the logits of ${order.join(', ')} beside it bit for bit as a sound arm does`, async () => {
        const beside = await logitsBeside([...order, 'broken']);
        const sound = await logitsBeside([...order, 'usual']);
        for (const id of order) assert.deepEqual(beside.get(id), sound.get(id), id);
        assert.ok(!beside.get('broken')?.every(Number.isFinite));
      });

      it(`leaves them so where its rows come first, before ${order.join(', ')}`, async () => {
        const beside = await logitsBeside(['broken', ...order]);
        const sound = await logitsBeside(['usual', ...order]);
        for (const id of order) assert.deepEqual(beside.get(id), sound.get(id), id);
      });
    }

    it('has beside it an arm of a negative scale, which is that of the positive one with B turned round', async () => {
      const [negative, turned] = [6, 6].map((seed) => drawArm(scorer.definition, 2, { seed }));
      if (!negative || !turned) throw new RangeError('Two arms were drawn.');
      for (const { name } of turned.targets) {
        const { data } = turned.store.tensor(adapterNames(name).b, 'value');
        data.forEach((value, i) => (data[i] = -value));
      }
      arms.set('negative', { ...negative, alpha: -negative.alpha }).set('turned', turned);
      const logits = await logitsBeside(['base', 'negative', 'turned', 'broken']);
      assert.deepEqual(logits.get('negative'), logits.get('turned'));
      assert.notDeepEqual(logits.get('negative'), logits.get('base'));
    });

    it('gives no completion, greedy or sampled, and is named with the place', async () => {
      const group = groupOf(['base', 'r2', 'broken', 'r3'], arms);
      for (const temperature of [0, 0.8])
        await assert.rejects(
          decode(scorer, group, prompts, { ...options, temperature }),
          isBroken('broken', /^arm broken: a logit is not finite \(prompt \d, (position|sample \d, token) \d+\)/),
        );
    });

    it('leaves the others the completions that they have without it', async () => {
      const without = await decode(scorer, groupOf(['base', 'r2', 'r3'], arms), prompts, options);
      const beside = await decode(scorer, groupOf(['base', 'r2', 'r3', 'usual'], arms), prompts, options);
      assert.deepEqual(
        beside.filter(({ arm }) => arm < 3),
        without,
      );
    });

    it('has no loss, no distribution and no lens', async () => {
      const group = groupOf(['base', 'broken'], arms);
      const losses = scorer.losses(group, [
        { ids: [3, 14, 15], firstLabel: 1, arm: 0 },
        { ids: [3, 14, 15], firstLabel: 1, arm: 1, index: 8 },
      ]);
      await assert.rejects(losses, isBroken('broken', /the loss is not finite \(text 8\)/));
      const asked = { arms: ['base', 'broken'], texts: [[3, 14, 15]] };
      const visit = (): void => undefined;
      await assert.rejects(
        readPositions(scorer, [group], asked, visit),
        isBroken('broken', /\(prompt 0, position 0\)/),
      );
      const lens = readLens(scorer, [group], { arms: ['base', 'broken'], ids: [3, 14, 15] }, visit);
      await assert.rejects(lens, isBroken('broken', /\(lens, layer \d, position \d\)/));
    });

    for (const bad of [NaN, Infinity]) {
      it(`is put beside no other where a weight of its adapters is ${bad}`, () => {
        const arm = drawArm(scorer.definition, 2, { seed: 5 });
        const [module] = arm.targets;
        const name = adapterNames(module?.name ?? '').b;
        arm.store.tensor(name, 'value').data[1] = bad;
        const all = new Map<string, Arm>([...arms, ['bad', arm]]);
        assert.throws(() => groupArms(['base', 'r2', 'bad'], all), isBroken('bad', new RegExp(`weight of ${name}`)));
      });
    }
  });
}
