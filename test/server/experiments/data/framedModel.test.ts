import assert from 'node:assert/strict';
import { framedModel } from '../../../../server/experiments/data/framedModel.ts';
import type { ModelPrompt, Pair } from '../../../../server/experiments/ports/modelPort.ts';
import { FakeModel } from '../fakeModel.ts';

const turn = (content: string) => [{ role: 'user', content }];
const pair = { prompt: 'p', completion: 'c' };
const sampling = { samples: 1, maxNewTokens: 1, temperature: 0, topK: 0, topP: 1, seed: 0, stop: [] };

/** A model that notes what it is asked. */
class Asked extends FakeModel {
  readonly prompts: ModelPrompt[] = [];
  readonly pairs: Pair[] = [];
  readonly hasChatTemplate = true;

  override complete(arms: readonly string[], prompts: readonly ModelPrompt[], ...rest: [typeof sampling]) {
    this.prompts.push(...prompts);
    return super.complete(arms, ['x'], ...rest);
  }

  override nextTokenLogProbabilities(_arms: readonly string[], prompts: readonly ModelPrompt[]) {
    this.prompts.push(...prompts);
    return Promise.resolve();
  }

  override positionLogProbabilities(_arms: readonly string[], texts: readonly { readonly prompt: ModelPrompt }[]) {
    this.prompts.push(...texts.map(({ prompt }) => prompt));
    return Promise.resolve();
  }

  override pairLosses(_arms: readonly string[], pairs: readonly Pair[]) {
    this.pairs.push(...pairs);
    return Promise.resolve([]);
  }

  override lens(_arms: readonly string[], prompt: ModelPrompt) {
    this.prompts.push(prompt);
    return Promise.resolve({ prompt: '', tokens: [], arms: [] });
  }

  override train(_arms: readonly unknown[], pairs: readonly Pair[] | ReadonlyMap<string, readonly Pair[]>) {
    this.pairs.push(...('get' in pairs ? [...pairs.values()].flat() : pairs));
    return Promise.resolve([]);
  }
}

async function askEverything(model: Asked): Promise<void> {
  await model.complete(['base'], ['a'], sampling);
  await model.nextTokenLogProbabilities(['base'], ['b']);
  await model.positionLogProbabilities(['base'], [{ prompt: 'c' }]);
  await model.lens(['base'], 'd');
  await model.pairLosses(['base'], [pair]);
  await model.train([], [pair]);
  await model.train([], new Map([['r2', [pair]]]));
}

describe('framedModel', () => {
  it('puts every prompt and pair as a chat, whatever is asked', async () => {
    const model = new Asked();
    await askEverything(framedModel(model, { answers: 'last' }));
    assert.deepEqual(model.prompts, ['a', 'b', 'c', 'd'].map(turn));
    const chat = { turns: [...turn('p'), { role: 'assistant', content: 'c' }], answers: 'last' };
    assert.deepEqual(
      model.pairs,
      [pair, pair, pair].map((one) => ({ ...one, chat })),
    );
  });

  it('puts all as it stands where there is no framing', async () => {
    const model = new Asked();
    await askEverything(framedModel(model, undefined));
    assert.deepEqual(model.prompts, ['a', 'b', 'c', 'd']);
    assert.deepEqual(model.pairs, [pair, pair, pair]);
  });

  it('is the model in all else', () => {
    const model = new Asked();
    const framed = framedModel(model, { answers: 'all' });
    assert.equal(framed.steps, model.steps);
  });
});
