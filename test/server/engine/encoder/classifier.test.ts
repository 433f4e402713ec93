import assert from 'node:assert/strict';
import { Classifier } from '../../../../server/engine/encoder/classifier.ts';
import { buildClassProgram } from '../../../../server/engine/encoder/classProgram.ts';
import type { Arm } from '../../../../server/engine/generate/armWeights.ts';
import { packSequences } from '../../../../server/engine/batch/packing.ts';
import { Program } from '../../../../server/engine/programs/program.ts';
import { CLASSIFIERS, largestDifference, openTiny, referenceOf } from '../models/tinyModel.ts';

const TOLERANCE = 1e-5;
const BASE: ReadonlyMap<string, Arm> = new Map();
const noHead = { parameters: [], values: new Map() };

describe('Classifier', () => {
  for (const variant of CLASSIFIERS) {
    describe(variant, () => {
      let classifier: Classifier;
      const { sequences, logits } = referenceOf(variant);
      const expected = logits.flat();

      before(async () => {
        const { definition, weights } = await openTiny(variant);
        classifier = new Classifier(definition, weights, noHead, 1);
      });
      after(() => classifier.release());

      it('gives the logits of Transformers for sequences packed together', async () => {
        const gap = largestDifference(await classifier.logits('base', BASE, sequences), expected);
        assert.ok(gap <= TOLERANCE, String(gap));
      });

      it('gives each sequence what it gives it alone', async () => {
        for (const [i, ids] of sequences.entries()) {
          const gap = largestDifference(await classifier.logits('base', BASE, [ids]), logits[i] ?? []);
          assert.ok(gap <= TOLERANCE, `sequence ${i}: ${gap}`);
        }
      });

      it('keeps the order given over batches, and tells how far it is', async () => {
        const many = Array.from({ length: 40 }, () => sequences).flat();
        const heard: number[] = [];
        const all = await classifier.logits('base', BASE, many, (done) => heard.push(done));
        assert.equal(heard.at(-1), many.length);
        assert.ok(heard.length > 1);
        const gap = largestDifference(all, Array.from({ length: 40 }, () => expected).flat());
        assert.ok(gap <= TOLERANCE, String(gap));
      });

      it('lets the first token see all that follows', async () => {
        const [, ids = []] = sequences;
        const [whole, changed] = [ids, [...ids.slice(0, -1), 40]];
        const both = await classifier.logits('base', BASE, [whole, changed]);
        const classes = both.length / 2;
        assert.ok(largestDifference(both.subarray(0, classes), both.subarray(classes)) > 1e-3);
      });
    });
  }

  for (const variant of ['bert', 'bert-3-classes-relu'] as const) {
    it(`looks up the parts of a sequence: ${variant}`, async () => {
      const { definition, weights } = await openTiny(variant);
      const { sequences, tokenTypes, pairedLogits = [] } = referenceOf(variant);
      const { heads } = definition.config;
      const { feeds, starts } = packSequences(sequences, heads, 1, { bidirectional: true, tokenTypes });
      const program = await Program.compile(buildClassProgram(definition, []), weights, { threads: 1 });
      const rows = { data: BigInt64Array.from(starts, BigInt), dims: [starts.length] };
      const results = await program.run(new Map([...feeds, ['label_rows', rows]]), ['logits']);
      const gap = largestDifference(results.floats('logits'), pairedLogits.flat());
      assert.ok(gap <= TOLERANCE, String(gap));
      await program.release();
    });
  }
});
