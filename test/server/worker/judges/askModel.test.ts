import assert from 'node:assert/strict';
import { createJudge } from '../../../../server/judges/createJudge.ts';
import { promptText, type ModelPrompt } from '../../../../server/experiments/ports/modelPort.ts';
import type { OpenModel } from '../../../../server/worker/host/engineHost.ts';
import { askModel, yesNoTokens } from '../../../../server/worker/judges/askModel.ts';
import { openJudgeModels } from '../../../../server/worker/judges/judgeModels.ts';
import { fakeHost } from '../fakeHost.ts';

const vocabulary = ['the', 'Ġyes', 'Yes', 'ĠNO', 'nothing', 'Ċno', 'eyes', 'maybe'];
const decoded = vocabulary.map((token) => token.replace('Ġ', ' ').replace('Ċ', '\n'));

/** A model that answers yes to what names a fool, and remembers what it was asked. */
async function answering(template: (message: string) => ModelPrompt) {
  const host = fakeHost({ answer: (prompt) => `Yes: ${prompt.length > 0 ? 'because' : ''}` });
  const asked: ModelPrompt[] = [];
  const model = await host.openModel('m', { device: 'auto', threads: 0 });
  const answers: OpenModel = Object.assign(model, {
    tokens: {
      decode: (ids: readonly number[]) => ids.map((id) => decoded[id] ?? '').join(''),
      tokenText: (id: number) => vocabulary[id],
      vocabularySize: vocabulary.length,
      hash: 't',
    },
    chatPrompt: template,
    nextTokenLogProbabilities: (
      _arms: readonly string[],
      prompts: readonly ModelPrompt[],
      visit: (index: number, rows: readonly Float32Array[]) => void,
    ) => {
      asked.push(...prompts);
      prompts.forEach((prompt, i) => {
        const yes = promptText(prompt).includes('fool') ? 0.6 : 0.1;
        const row = [0.1, yes, 0, 0.9 - yes, 0, 0, 0, 0].map(Math.log);
        visit(i, [Float32Array.from(row)]);
      });
      return Promise.resolve();
    },
  });
  return { model: answers, asked, host: { ...host, openModel: () => Promise.resolve(answers) } };
}

const chat = (content: string) => [{ role: 'user', content }];

describe('a causal model as a judge', () => {
  it('finds every token that is yes or no, and none that only holds one', async () => {
    const { model } = await answering(chat);
    assert.deepEqual(yesNoTokens(model), [1, 2, 3, 5]);
  });

  it("is asked in its chat format, or in the paper's where it has none", async () => {
    const { model, asked } = await answering(chat);
    await askModel(model, [1], ['fool?'], { explainTokens: 0 });
    assert.deepEqual(asked, [[{ role: 'user', content: 'fool?' }]]);
    const plain = await answering((message) => message);
    await askModel(plain.model, [1], ['fool?'], { explainTokens: 0 });
    assert.deepEqual(plain.asked, ['<|user|>\n fool?\n <|assistant|>\n']);
  });

  it('scores by the probabilities of yes and no and explains itself, unless told not to', async () => {
    const { host } = await answering(chat);
    const { models } = openJudgeModels(host);
    const judge = await createJudge({ kind: 'llm', model: 'org/name' }, models);
    assert.equal(judge.name, 'llm(name)');
    const verdicts = await judge.judge([{ text: 'a fool' }, { text: 'a rose' }]);
    assert.deepEqual(
      verdicts.map((one) => one.kind === 'judged' && [one.toxic, Math.round(100 * one.score), one.why]),
      [
        [true, 67, 'Yes: because'],
        [false, 11, 'Yes: because'],
      ],
    );
    const silent = await createJudge({ kind: 'llm', model: 'org/name', explainTokens: 0 }, models);
    const [verdict] = await silent.judge([{ text: 'a fool' }]);
    assert.ok(verdict?.kind === 'judged' && verdict.why === undefined);
    assert.notEqual(silent.hash, judge.hash);
  });

  it('is closed with the others', async () => {
    const host = fakeHost();
    const { models, dispose } = openJudgeModels(host);
    await createJudge({ kind: 'llm', model: 'a' }, models);
    assert.equal(host.open(), 1);
    await dispose();
    assert.equal(host.open(), 0);
  });
});
