import assert from 'node:assert/strict';
import {
  framePair,
  framePrompt,
  isFramed,
  requestedFraming,
  resolveFraming,
} from '../../../../server/experiments/data/framing.ts';

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const system = { role: 'system', content: 'be kind' };
const plain = { answers: 'all' } as const;
const kind = { system: 'be kind', answers: 'last' } as const;

describe('resolveFraming', () => {
  it('takes "auto" for chats where the model has a template, and for plain texts where it has none', () => {
    const auto = { frame: 'auto', answers: 'all' } as const;
    assert.deepEqual(resolveFraming(auto, true), { answers: 'all' });
    assert.equal(resolveFraming(auto, false), undefined);
    assert.equal(resolveFraming(auto), undefined);
    assert.deepEqual(resolveFraming({ ...kind, frame: 'auto' }, true), kind);
  });

  it('is none where a stored run says nothing, or the setting is off', () => {
    assert.equal(resolveFraming(undefined, true), undefined);
    assert.equal(resolveFraming({ frame: false, answers: 'all' }, true), undefined);
  });

  it('refuses to make chats for a model without a template', () => {
    assert.deepEqual(resolveFraming({ frame: true, answers: 'last' }, true), { answers: 'last' });
    assert.throws(() => resolveFraming({ frame: true, answers: 'all' }, false), {
      code: 'config',
      message: /data\.chat\.frame.*no chat template/,
    });
  });
});

describe('framePrompt', () => {
  it('makes a user turn of a prompt, after a system text where there is one', () => {
    assert.deepEqual(framePrompt('q', plain), [user('q')]);
    assert.deepEqual(framePrompt('q', kind), [system, user('q')]);
    assert.equal(framePrompt('q', undefined), 'q');
    assert.deepEqual(framePrompt('q', requestedFraming({ system: 'be kind' })), [system, user('q')]);
    assert.equal(framePrompt('q', requestedFraming(undefined)), 'q');
  });

  it('leaves the start of a text, which is no turn', () => {
    assert.equal(framePrompt('', kind), '');
    assert.deepEqual(framePair({ prompt: '', completion: 'text' }, kind), { prompt: '', completion: 'text' });
    assert.ok(!isFramed({ prompt: '', completion: 'text' }, kind));
  });
});

describe('framePair', () => {
  const pair = { prompt: 'q', completion: 'a' };

  it('makes a conversation of a pair', () => {
    const turns = [user('q'), assistant('a')];
    assert.deepEqual(framePair(pair, plain), { ...pair, chat: { turns, answers: 'all' } });
    assert.deepEqual(framePair(pair, kind), { ...pair, chat: { turns: [system, ...turns], answers: 'last' } });
    assert.deepEqual(framePair(framePair(pair, kind), plain), framePair(pair, kind), 'once');
  });

  it('keeps the turns of a conversation, and the system text that it brings', () => {
    const turns = [user('x'), assistant('y'), user('q'), assistant('a')];
    const own = [{ role: 'system', content: 'own' }, ...turns];
    assert.deepEqual(framePair({ ...pair, turns }, kind).chat?.turns, [system, ...turns]);
    assert.deepEqual(framePair({ ...pair, turns: own }, kind).chat?.turns, own);
  });

  it('without framing takes a question and its answer for the texts that they are, and refuses what is more', () => {
    assert.deepEqual(framePair({ ...pair, turns: [user('q'), assistant('a')] }, undefined), pair);
    const turns = [system, user('q'), assistant('a')];
    assert.throws(() => framePair({ ...pair, turns }, undefined), {
      code: 'data',
      message: /data\.pairs.*conversation of 3 messages/,
    });
  });
});
