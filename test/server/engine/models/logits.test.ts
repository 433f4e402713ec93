import assert from 'node:assert/strict';
import { bestToken } from '../../../../server/engine/generate/sampleToken.ts';
import type { Program } from '../../../../server/engine/programs/program.ts';
import { compileLogits, largestDifference, openTiny, packedLogits, referenceOf, VARIANTS } from './tinyModel.ts';

describe('models', () => {
  for (const variant of VARIANTS) {
    describe(variant, () => {
      let program: Program;
      let tiny: Awaited<ReturnType<typeof openTiny>>;
      const { sequences, logits } = referenceOf(variant);

      /** The likeliest token at every position. */
      const bestOf = (rows: ArrayLike<number>): number[] => {
        const { vocabularySize } = tiny.definition.config;
        const all = Float32Array.from(rows);
        return Array.from({ length: all.length / vocabularySize }, (_, i) =>
          bestToken(all.subarray(i * vocabularySize, (i + 1) * vocabularySize)),
        );
      };

      before(async () => {
        tiny = await openTiny(variant);
        program = await compileLogits(tiny.definition, tiny.weights);
      });
      after(() => program.release());

      it('gives the logits of Transformers, sequence by sequence', async () => {
        for (const [i, ids] of sequences.entries()) {
          const [ours] = await packedLogits(program, tiny.definition, [ids]);
          const gap = largestDifference(ours ?? [], logits[i] ?? []);
          assert.ok(gap <= 1e-5, `sequence ${i}: ${gap}`);
          assert.deepEqual(bestOf(ours ?? []), bestOf(logits[i] ?? []), `sequence ${i}`);
        }
      });

      it('gives each of several packed sequences what it gives it alone', async () => {
        for (const order of [sequences, sequences.toReversed()]) {
          const packed = await packedLogits(program, tiny.definition, order);
          for (const [i, ids] of order.entries()) {
            const [alone] = await packedLogits(program, tiny.definition, [ids]);
            const gap = largestDifference(packed[i] ?? [], alone ?? []);
            assert.ok(gap <= 1e-5, `sequence ${i}: ${gap}`);
          }
        }
      });

      it('lets no token see what follows it', async () => {
        const [, , ids] = sequences;
        assert.ok(ids);
        const [whole] = await packedLogits(program, tiny.definition, [ids]);
        const [start] = await packedLogits(program, tiny.definition, [ids.slice(0, 4)]);
        assert.ok(whole && start);
        assert.ok(largestDifference(whole.subarray(0, start.length), start) <= 1e-5);
      });
    });
  }
});
