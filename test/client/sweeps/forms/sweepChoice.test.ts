import assert from 'node:assert/strict';
import {
  heldOutOf,
  isHubId,
  isSentiment,
  labelledFirst,
  namedLabels,
  pairsFirst,
  promptsFirst,
  testCandidates,
} from '../../../../client/sweeps/forms/sweepChoice.ts';
import { wholeChoice } from '../../../../client/sweeps/forms/sweepForms.ts';
import { askSteps, type Step } from '../../../../client/sweeps/wizard/steps.ts';

const files = [
  '/w/a.jsonl',
  '/w/held-out-pairs.jsonl',
  '/w/held-out-prompts.tsv',
  '/w/pairs.jsonl',
  '/w/prompts.tsv',
  '/w/z.tsv',
];

describe('what a new sweep offers first', () => {
  it('is a file of prompts for prompts and of pairs for pairs, held-out ones last', () => {
    assert.deepEqual(promptsFirst(files).slice(0, 2), ['/w/prompts.tsv', '/w/z.tsv']);
    assert.equal(pairsFirst(files)[0], '/w/pairs.jsonl');
    assert.ok(promptsFirst(files).indexOf('/w/held-out-prompts.tsv') > 2);
  });

  it('takes the held-out file that belongs to one', () => {
    assert.equal(heldOutOf('/w/prompts.tsv', files), '/w/held-out-prompts.tsv');
    assert.equal(heldOutOf('C:\\w\\pairs.jsonl', ['C:\\w\\held-out-pairs.jsonl']), 'C:\\w\\held-out-pairs.jsonl');
    assert.equal(heldOutOf('/w/a.jsonl', files), undefined);
  });

  it('is a file of training texts for labels, with the test texts beside it', () => {
    assert.equal(labelledFirst([...files, '/w/dev.tsv', '/w/train.tsv'])[0], '/w/train.tsv');
    assert.equal(testCandidates('/w/train.tsv')[0], '/w/test.tsv');
    assert.ok(testCandidates('/w/train.tsv').includes('/w/dev.tsv'));
    assert.equal(testCandidates('/w/aclImdb/train')[0], '/w/aclImdb/test');
    assert.deepEqual(testCandidates('/w/all.csv'), ['/w/test-all.csv', '/w/held-out-all.csv']);
  });

  it('names labels that are no sentiment by words of their own', () => {
    assert.ok(isSentiment(['0', '1']) && isSentiment(['pos', 'neg']));
    assert.ok(!isSentiment(['0', '1', '2']));
    assert.deepEqual(namedLabels(['a', 'b'], 'yes, no'), [
      { word: 'yes', values: ['a'] },
      { word: 'no', values: ['b'] },
    ]);
    for (const words of ['yes', 'yes, yes', 'yes, ']) assert.equal(namedLabels(['a', 'b'], words), undefined);
  });

  it('is no whole choice while something is missing', () => {
    const model = { kind: 'path', path: '/m' } as const;
    const common = { model, ranks: [2], full: true, effort: 'quick' } as const;
    assert.equal(wholeChoice({ ...common, experiment: 'toxicity', prompts: '/p' }, 'n'), undefined);
    const labels = [{ word: 'a', values: ['a'] }];
    const answers = { ...common, experiment: 'classification', train: '/t', header: true, labels } as const;
    assert.equal(wholeChoice(answers, 'n')?.name, 'n');
    assert.equal(wholeChoice({ ...answers, labels: undefined as never }, 'n'), undefined);
  });

  it('knows a hub id from a path', () => {
    assert.ok(isHubId('HuggingFaceTB/SmolLM2-135M'));
    for (const text of ['model', './model', 'a/b/c', '../a', 'a /b', '/a/b']) assert.equal(isHubId(text), false, text);
  });
});

interface Chosen {
  readonly a: number;
  readonly b: number;
}

describe('steps', () => {
  it('go forward and back, keeping what was answered', async () => {
    const asked: string[] = [];
    let backs = 1;
    const first: Step<Chosen> = (choice, { step, steps }) => {
      asked.push(`${step}/${steps} ${JSON.stringify(choice)}`);
      return Promise.resolve({ next: { ...choice, a: asked.length } });
    };
    const second: Step<Chosen> = (choice) => {
      asked.push('second');
      return Promise.resolve(backs-- > 0 ? 'back' : { next: { ...choice, b: 9 } });
    };
    assert.deepEqual(await askSteps(() => [first, second], {}), { a: 3, b: 9 });
    assert.deepEqual(asked, ['1/2 {}', 'second', '1/2 {"a":1}', 'second']);
  });

  it('depend on what was answered', async () => {
    const a: Step<Chosen> = (choice) => Promise.resolve({ next: { ...choice, a: 1 } });
    const b: Step<Chosen> = (choice) => Promise.resolve({ next: { ...choice, b: 2 } });
    assert.deepEqual(await askSteps<Chosen>((choice) => (choice.a === 1 ? [a, b] : [a]), {}), { a: 1, b: 2 });
  });

  it('end in nothing when somebody leaves', async () => {
    assert.equal(await askSteps<Chosen>(() => [() => Promise.resolve('leave')], {}), undefined);
  });
});
