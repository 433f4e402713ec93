import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { judgeOf } from '../../../../server/cli/options/judgeOption.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';

const of = (...judge: string[]) => judgeOf({ judge });

describe('the judge that a command line names', () => {
  it('is the lexicon unless given', async () => {
    assert.deepEqual(await judgeOf({}), { kind: 'lexicon' });
    assert.deepEqual(await judgeOf({ hurtlex: 'h.tsv' }), { kind: 'lexicon', hurtLex: resolve('h.tsv') });
  });

  it('has a short form for each kind', async () => {
    assert.deepEqual(await of('lexicon:h.tsv'), { kind: 'lexicon', hurtLex: resolve('h.tsv') });
    assert.deepEqual(await of('linear:m.json'), { kind: 'linear', model: resolve('m.json') });
    const model = resolve('m.onnx');
    assert.deepEqual(await of('classifier:m.onnx'), { kind: 'classifier', model, vocabulary: resolve('m.vocab.json') });
    assert.deepEqual(await of('classifier:m.onnx,v.json'), {
      kind: 'classifier',
      model,
      vocabulary: resolve('v.json'),
    });
    assert.deepEqual(await of('classifier:owner/name'), { kind: 'sequence-classifier', model: 'owner/name' });
    assert.deepEqual(await of('llm:./tulu'), { kind: 'llm', model: resolve('tulu') });
    assert.deepEqual(await of('llm:owner/name'), { kind: 'llm', model: 'owner/name' });
    assert.deepEqual(await of('human:l.jsonl'), { kind: 'human', labels: resolve('l.jsonl') });
  });

  it('takes threshold and label', async () => {
    const given = await judgeOf({ judge: ['classifier:owner/name'], threshold: '0.7', label: 'hate' });
    assert.deepEqual(given, { kind: 'sequence-classifier', model: 'owner/name', threshold: 0.7, label: 'hate' });
    await assert.rejects(judgeOf({ judge: ['lexicon'], label: 'hate' }), /no judge.*label/);
    await assert.rejects(judgeOf({ judge: ['lexicon'], threshold: '0' }), RankscopeError);
  });

  it('combines several', async () => {
    assert.deepEqual(await judgeOf({ judge: ['lexicon', 'linear:m.json'], rule: 'mean', threshold: '0.6' }), {
      kind: 'combined',
      judges: [{ kind: 'lexicon' }, { kind: 'linear', model: resolve('m.json') }],
      rule: 'mean',
      threshold: 0.6,
    });
    await assert.rejects(judgeOf({ judge: ['lexicon'], rule: 'any' }), /--rule is for several/);
    await assert.rejects(judgeOf({ judge: ['lexicon', 'lexicon'], label: 'x' }), /--label is for one/);
  });

  it('is read as JSON, from the line or from a file, whose paths are relative to it', async () => {
    assert.deepEqual(await of('{"kind":"lexicon","threshold":0.6}'), { kind: 'lexicon', threshold: 0.6 });
    const folder = await mkdtemp(join(tmpdir(), 'rankscope-option-'));
    const file = join(folder, 'judge.json');
    const spec = {
      kind: 'combined',
      judges: [
        { kind: 'linear', model: 'm.json' },
        { kind: 'llm', model: 'a/b' },
      ],
    };
    await writeFile(file, JSON.stringify(spec));
    assert.deepEqual(await of(`@${file}`), {
      ...spec,
      judges: [
        { kind: 'linear', model: join(folder, 'm.json') },
        { kind: 'llm', model: 'a/b' },
      ],
    });
    await rm(folder, { recursive: true });
    await assert.rejects(of(`@${file}`), /judge.json: the judge's file cannot be read/);
  });

  it('is refused where it is none, with what is wrong', async () => {
    await assert.rejects(of('oracle:x'), /of no known kind/);
    await assert.rejects(of('llm'), /names no judge/);
    await assert.rejects(of('{"kind":"llm"}'), /--judge: this is no judge.*model/);
    await assert.rejects(of('{"kind"'), /no JSON/);
    await assert.rejects(judgeOf({ judge: ['lexicon'], hurtlex: 'h' }), /exclude each other/);
  });
});
