import assert from 'node:assert/strict';
import { readPeftFolder } from '../../../../server/engine/adapters/peftFolder.ts';
import { groupArms, maskFeed, type Arm } from '../../../../server/engine/generate/armWeights.ts';
import { buildPrefillProgram } from '../../../../server/engine/generate/scoreProgram.ts';
import { packFor, packSequences } from '../../../../server/engine/batch/packing.ts';
import { Program } from '../../../../server/engine/programs/program.ts';
import { labelFeeds } from '../../../../server/engine/train/labels.ts';
import { adapterFolder, largestDifference, openTiny, packedLogits, compileLogits } from '../models/tinyModel.ts';
import { compileTraining, scaleFeed } from '../train/trainingOracle.ts';

const sequence = [3, 14, 15, 9, 26, 5];

describe('adapters side by side', () => {
  for (const model of ['gpt2', 'llama'] as const) {
    it(`give each row of ${model} what its own arm gives it alone, and the base what it gives without adapters`, async () => {
      const tiny = await openTiny(model);
      const { definition, weights } = tiny;
      const { config } = definition;
      const arms = new Map<string, Arm>([['base', { kind: 'base' }]]);
      for (const arm of ['r2', 'r8']) arms.set(arm, await readPeftFolder(adapterFolder(model, arm), definition));
      const [group] = groupArms(['r8', 'base', 'r2'], arms);
      assert.ok(group);
      const program = await Program.compile(buildPrefillProgram(definition, group.targets), weights, { threads: 1 });
      const numbers = group.ids.map((_, arm) => arm);
      const batch = packFor(
        config,
        numbers.map(() => sequence),
        { sharesPrefixes: numbers },
      );
      const all = BigInt64Array.from(batch.rowsOf.flat(), BigInt);
      const feeds = new Map([
        ...batch.feeds,
        ...group.feeds,
        ...maskFeed(group, batch.sequenceOf),
        ['label_rows', { data: all, dims: [all.length] }] as const,
      ]);
      const logits = (await program.run(feeds, ['logits'])).floats('logits');
      await program.release();
      const width = sequence.length * config.vocabularySize;
      const of = (arm: string): Float32Array =>
        logits.slice(group.ids.indexOf(arm) * width, (group.ids.indexOf(arm) + 1) * width);

      const base = await compileLogits(definition, weights);
      const [plain] = await packedLogits(base, definition, [sequence]);
      await base.release();
      assert.ok(largestDifference(of('base'), plain ?? []) <= 1e-5);

      // The train program adds one arm's adapters in another way; its losses are those of the logits here.
      for (const id of ['r2', 'r8']) {
        assert.ok(largestDifference(of(id), plain ?? []) > 0.1, `${id} changes the model`);
        const arm = arms.get(id);
        assert.ok(arm?.kind === 'lora');
        const expected = await trainLosses(tiny, arm);
        const ours = lossesOf(of(id), config.vocabularySize);
        assert.ok(largestDifference(ours, expected) <= 1e-5, id);
      }
    });
  }
});

/** Loss of each token but the first, of the train program. */
async function trainLosses(
  tiny: Awaited<ReturnType<typeof openTiny>>,
  arm: Extract<Arm, { kind: 'lora' }>,
): Promise<Float32Array> {
  const { config } = tiny.definition;
  const program = await compileTraining(tiny, { kind: 'lora', targets: arm.targets, dropout: false });
  const batch = packSequences([sequence], config.keyValueHeads, config.heads / config.keyValueHeads);
  const feeds = new Map([
    ...batch.feeds,
    ...labelFeeds([{ ids: sequence, firstLabel: 0 }], batch),
    ...scaleFeed(arm)({ rows: sequence.length, step: 1, micro: 0 }),
    ...arm.store.names.map((name) => [name, arm.store.tensor(name, 'value')] as const),
  ]);
  const loss = (await program.run(feeds, ['loss'])).floats('loss');
  await program.release();
  return loss;
}

function lossesOf(logits: Float32Array, vocabulary: number): number[] {
  return sequence.slice(1).map((label, row) => {
    const scores = [...logits.subarray(row * vocabulary, (row + 1) * vocabulary)];
    const top = Math.max(...scores);
    return top + Math.log(scores.reduce((sum, x) => sum + Math.exp(x - top), 0)) - (scores[label] ?? NaN);
  });
}
