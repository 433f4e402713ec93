import assert from 'node:assert/strict';
import {
  createSequenceClassifierJudge,
  type SequenceClassifier,
} from '../../../../server/judges/models/sequenceClassifier.ts';

const asked: string[][] = [];
const model = (rest: Partial<SequenceClassifier> = {}): SequenceClassifier => ({
  name: 'test',
  hash: 'h',
  labels: ['fine', 'toxic'],
  kind: 'single-label',
  /** The logit of "toxic" is the number of exclamation marks. */
  logits: (texts) => {
    asked.push([...texts]);
    return Promise.resolve(texts.map((text) => Float32Array.of(0, text.split('!').length - 1)));
  },
  ...rest,
});
const scoreOf = async (judge: ReturnType<typeof createSequenceClassifierJudge>, text: string) => {
  const [verdict] = await judge.judge([{ text }]);
  assert.ok(verdict?.kind === 'judged', JSON.stringify(verdict));
  return verdict.score;
};

describe('sequence classifier judge', () => {
  beforeEach(() => asked.splice(0));

  it('makes probabilities of logits by what they say', async () => {
    const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-9, `${a} ${b}`);
    close(await scoreOf(createSequenceClassifierJudge(model()), '!!'), 1 / (1 + Math.exp(-2)));
    const labels = ['insult', 'toxic'];
    const multi = model({ kind: 'multi-label', labels });
    close(await scoreOf(createSequenceClassifierJudge(multi), '!'), 1 / (1 + Math.exp(-1)));
    close(await scoreOf(createSequenceClassifierJudge(multi, { label: 'insult' }), '!'), 0.5);
    close(await scoreOf(createSequenceClassifierJudge(model({ kind: 'regression' })), '!'), 1);
    const [verdict] = await createSequenceClassifierJudge(model({ kind: 'regression' })).judge([{ text: '!!' }]);
    assert.equal(verdict?.kind, 'unjudged');
    close(
      await scoreOf(createSequenceClassifierJudge(model(), { activation: 'sigmoid' }), '!'),
      1 / (1 + Math.exp(-1)),
    );
  });

  it('judges by length in batches and answers in the order asked', async () => {
    const judge = createSequenceClassifierJudge(model(), { batchSize: 2, threshold: 0.7 });
    const verdicts = await judge.judge(['a long one!!', 'b', 'cc!', ' '].map((text) => ({ text })));
    assert.deepEqual(asked, [['b', 'cc!'], ['a long one!!']]);
    assert.deepEqual(
      verdicts.map((one) => (one.kind === 'judged' ? one.toxic : one.reason)),
      [true, false, true, 'the text is empty'],
    );
  });

  it('asks for a label where none is named after toxicity, and names one that is not there', () => {
    const unclear = model({ labels: ['LABEL_0', 'LABEL_1'] });
    assert.throws(() => createSequenceClassifierJudge(unclear), /not plain which label.*LABEL_0, LABEL_1/);
    assert.throws(() => createSequenceClassifierJudge(unclear, { label: 'rude' }), /no label "rude"/);
    assert.throws(() => createSequenceClassifierJudge(unclear, { label: 2 }), /no label 2/);
    assert.notEqual(
      createSequenceClassifierJudge(unclear, { label: 1 }).hash,
      createSequenceClassifierJudge(unclear, { label: 'LABEL_0' }).hash,
    );
  });

  it('adds up the classes that are toxic where one text has one class', async () => {
    const labels = ['hate', 'offensive', 'neither'];
    const logits: SequenceClassifier['logits'] = (texts) => Promise.resolve(texts.map(() => Float32Array.of(0, 1, 2)));
    const sum = (1 + Math.E) / (1 + Math.E + Math.E ** 2);
    const judge = createSequenceClassifierJudge(model({ labels, logits }));
    assert.ok(Math.abs((await scoreOf(judge, 'x')) - sum) < 1e-6);
    const given = createSequenceClassifierJudge(model({ labels, logits }), { label: ['hate', 1] });
    assert.ok(Math.abs((await scoreOf(given, 'x')) - sum) < 1e-6);
    const multi = model({ labels, logits, kind: 'multi-label' });
    assert.throws(() => createSequenceClassifierJudge(multi, { label: [0, 1] }), /cannot be added up/);
    assert.throws(() => createSequenceClassifierJudge(multi), /not plain which label/);
  });

  it('asks how probabilities are made where nothing says it and several classes may be true', () => {
    const labels = ['toxic', 'severe_toxic', 'obscene', 'threat', 'insult', 'identity_hate'];
    const assumed = model({ labels, kindIsAssumed: true });
    assert.throws(() => createSequenceClassifierJudge(assumed), /"problem_type".*toxic, severe_toxic.*"activation"/s);
    createSequenceClassifierJudge(assumed, { activation: 'sigmoid' });
    createSequenceClassifierJudge(model({ kindIsAssumed: true }));
    createSequenceClassifierJudge(model({ labels: ['hate', 'offensive', 'not hate'], kindIsAssumed: true }));
  });

  it('that throws leaves those texts unjudged that it threw on', async () => {
    const logits: SequenceClassifier['logits'] = (texts) =>
      texts.includes('bad') ? Promise.reject(new Error('no')) : model().logits(texts);
    const verdicts = await createSequenceClassifierJudge(model({ logits })).judge([{ text: 'bad' }, { text: 'good' }]);
    assert.deepEqual(verdicts[0], { kind: 'unjudged', reason: 'the judge failed: no' });
    assert.equal(verdicts[1]?.kind, 'judged');
  });
});
