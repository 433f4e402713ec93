import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openOnnxClassifier } from '../../../server/engine/onnxFile/onnxClassifier.ts';
import { createJudge } from '../../../server/judges/createJudge.ts';
import { parseKerasVocabulary } from '../../../server/judges/models/kerasVocabulary.ts';
import { createLinearJudge } from '../../../server/judges/models/linear.ts';
import { createEngineHost } from '../../../server/worker/host/engineModel.ts';
import { createJudgeKeeper } from '../../../server/worker/judges/judgeKeeper.ts';

const shared = join(process.env.RANKSCOPE_SHARED ?? join(import.meta.dirname, '../../../../shared'), 'judges');
const read = (name: string) => readFile(join(shared, name), 'utf8');
const model = join(shared, 'tox_block-0.1.2.onnx');
const vocabulary = join(shared, 'tox_block-0.1.2.vocab.json');

interface Reference {
  readonly text: string;
  readonly alt_profanity_check: number;
  readonly tox_block: readonly number[];
}

describe('reference scores of other programs', () => {
  let references: readonly Reference[];
  before(async () => (references = JSON.parse(await read('reference_scores.json')) as Reference[]));

  it('linear: 102 of 104 texts to 1e-6; the two without a known word are unjudged', async () => {
    const judge = createLinearJudge(await read('alt_profanity_check-1.9.1.json'), 'alt_profanity_check');
    const verdicts = await judge.judge(references);
    assert.equal(verdicts.filter(({ kind }) => kind === 'unjudged').length, 2);
    verdicts.forEach((verdict, i) => {
      if (verdict.kind === 'unjudged') return;
      const { alt_profanity_check: expected, text } = references[i]!;
      assert.ok(Math.abs(verdict.score - expected) < 1e-6, `${text}: ${verdict.score} for ${expected}`);
    });
  });

  describe('classifier', () => {
    for (const frontPadding of [undefined, 0]) {
      const how = frontPadding === undefined ? 'with all padding' : 'without the padding';
      it(`all 104 texts, all six labels, to 1e-5, ${how}`, async () => {
        const { encode } = parseKerasVocabulary(await read('tox_block-0.1.2.vocab.json'), 'tox_block');
        const classifier = await openOnnxClassifier(model, { threads: 2, frontPadding });
        const rows = await classifier.run(references.map(({ text }) => encode(text).ids));
        await classifier.release();
        assert.equal(rows.length, 104);
        rows.forEach((row, i) => {
          const { tox_block: expected, text } = references[i]!;
          row.forEach((score, j) => assert.ok(Math.abs(score - expected[j]!) < 1e-5, `${text}: ${score}`));
        });
      });
    }

    it('as the engine process runs it: 103 verdicts in order, the text without a known word unjudged', async () => {
      const keeper = createJudgeKeeper(createEngineHost());
      const spec = { kind: 'classifier', model, vocabulary } as const;
      const verdicts = await keeper.use(spec, (judge) => judge.judge(references));
      await keeper.dispose();
      assert.equal(verdicts.filter(({ kind }) => kind === 'judged').length, 103);
      verdicts.forEach((verdict, i) => {
        if (verdict.kind === 'judged') assert.ok(Math.abs(verdict.score - references[i]!.tox_block[0]!) < 1e-5);
      });
    });

    it('is refused where no engine runs it', async () => {
      await assert.rejects(createJudge({ kind: 'classifier', model, vocabulary }), /no engine is there/);
    });
  });
});
