import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSession, type Session } from '../../../server/engine/onnx/runtime.ts';
import { createClassifierJudge } from '../../../server/judges/classifier.ts';
import { parseKerasVocabulary } from '../../../server/judges/kerasVocabulary.ts';
import { createLinearJudge } from '../../../server/judges/linear.ts';

const shared = join(process.env.RANKSCOPE_SHARED ?? join(import.meta.dirname, '../../../../shared'), 'judges');
const read = (name: string) => readFile(join(shared, name), 'utf8');

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
    let session: Session;
    before(async () => (session = await createSession(join(shared, 'tox_block-0.1.2.onnx'), { threads: 2 })));
    after(() => session.release());

    const run = async (ids: readonly (readonly number[])[]) => {
      const width = ids[0]?.length ?? 0;
      const data = BigInt64Array.from(ids.flat(), BigInt);
      const feeds = new Map([['input_ids', { data, dims: [ids.length, width] }]]);
      const scores = (await session.run(feeds, new Map([['scores', undefined]]))).get('scores')?.data as Float32Array;
      const labels = scores.length / ids.length;
      return ids.map((_, i) => scores.slice(i * labels, (i + 1) * labels));
    };

    it('all 104 texts, all six labels, to 1e-5', async () => {
      const { encode } = parseKerasVocabulary(await read('tox_block-0.1.2.vocab.json'), 'tox_block');
      const rows = await run(references.map(({ text }) => encode(text).ids));
      assert.equal(rows.length, 104);
      rows.forEach((row, i) => {
        const { tox_block: expected, text } = references[i]!;
        row.forEach((score, j) => assert.ok(Math.abs(score - expected[j]!) < 1e-5, `${text}: ${score}`));
      });
    });

    it('as a judge: 103 verdicts in order, the text without a known word unjudged', async () => {
      const { encode, labels } = parseKerasVocabulary(await read('tox_block-0.1.2.vocab.json'), 'tox_block');
      const judge = createClassifierJudge({ name: 'tox_block', hash: '', labels, encode, run }, { batchSize: 16 });
      const verdicts = await judge.judge(references);
      assert.equal(verdicts.filter(({ kind }) => kind === 'judged').length, 103);
      verdicts.forEach((verdict, i) => {
        if (verdict.kind === 'judged') assert.ok(Math.abs(verdict.score - references[i]!.tox_block[0]!) < 1e-5);
      });
    });
  });
});
