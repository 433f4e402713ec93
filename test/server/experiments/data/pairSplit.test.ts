import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spread, splitPairs, wantedPairs } from '../../../../server/experiments/data/pairSplit.ts';
import { drawFrames } from '../../../../server/experiments/data/promptSplit.ts';
import { probedOn, splitLines } from '../../../../server/experiments/toxicity/splitLines.ts';
import { toxicitySweepSchema } from '../../../../server/protocol/sweep/toxicitySweep.ts';
import { temporaryFolder } from '../../runs/sampleRun.ts';

/** Prompt `a 3` is of the frame `a`; everything of `h` is held out. */
const prompts = {
  isHeldOut: (prompt: string) => prompt.startsWith('h'),
  frameOf: (prompt: string) => prompt.charAt(0),
};
const pair = (prompt: string, completion = 'c') => ({ prompt, completion });
const names = (pairs: readonly { readonly prompt: string }[]) => pairs.map(({ prompt }) => prompt).join();
const pairs = ['a 1', 'a 2', 'b 1', 'c 1', 'd 1', 'h 1', 'h 2'].map((prompt) => pair(prompt));

describe('the parts of the pairs', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());

  it('measure the loss on the pairs of held-out prompts where nothing is said, and never train on them', async () => {
    const split = await splitPairs(pairs, prompts, {});
    assert.deepEqual(
      [names(split.training), names(split.heldOut), names(split.tune), split.leftOut],
      [...['a 1,a 2,b 1,c 1,d 1', 'h 1,h 2', ''], 2],
    );
  });

  it('take shares of whole sentences, for the loss first and for tuning of what is left', async () => {
    const split = await splitPairs(pairs, prompts, {
      heldOutPairs: { fraction: 0.25, seed: 3 },
      tune: { fraction: 0.34, seed: 5 },
    });
    const measured = drawFrames(['a', 'b', 'c', 'd'], { fraction: 0.25, seed: 3 });
    const left = ['a', 'b', 'c', 'd'].filter((frame) => !measured.has(frame));
    const tuned = drawFrames(left, { fraction: 0.34, seed: 5 });
    assert.deepEqual([measured.size, tuned.size], [1, 1]);
    const of = (isWanted: (frame: string) => boolean) =>
      names(pairs.filter(({ prompt }) => !prompts.isHeldOut(prompt) && isWanted(prompts.frameOf(prompt))));
    assert.equal(
      names(split.heldOut),
      of((frame) => measured.has(frame)),
    );
    assert.equal(
      names(split.tune),
      of((frame) => tuned.has(frame)),
    );
    assert.equal(
      names(split.training),
      of((frame) => !measured.has(frame) && !tuned.has(frame)),
    );
    assert.equal(split.leftOut, 2);
  });

  it('take files whole, train on none of their pairs, and tune on no held-out prompt', async () => {
    const file = (name: string, own: readonly object[]) => {
      writeFileSync(join(folder.path, name), own.map((line) => JSON.stringify(line)).join('\n'));
      return { file: join(folder.path, name) };
    };
    const split = await splitPairs([...pairs, pair('a 1', 'other')], prompts, {
      heldOutPairs: file('loss.jsonl', [pair('a 1'), pair('x 1')]),
      tune: file('tune.jsonl', [pair('b 1'), pair('h 3')]),
    });
    assert.deepEqual([names(split.heldOut), names(split.tune)], ['a 1,x 1', 'b 1']);
    // The same prompt with another completion is another pair.
    assert.deepEqual(
      split.training.map(({ prompt, completion }) => `${prompt} ${completion}`),
      ['a 2 c', 'c 1 c', 'd 1 c', 'a 1 other'],
    );
  });

  it('are refused where nothing is left to train on or to tune on', async () => {
    await assert.rejects(splitPairs([pair('h 1'), pair('h 2')], prompts, {}), {
      code: 'data',
      message: /none of the 2 pairs is left to train on: the prompts of 2 are held out/,
    });
    const one = [pair('a 1'), pair('a 2'), pair('h 1')];
    await assert.rejects(splitPairs(one, prompts, { tune: { fraction: 0.5, seed: 0 } }), {
      code: 'data',
      message: /none of the 2 pairs can be kept for choosing learning rates/,
    });
  });

  it('hold a share for tuning where rates are tuned, unless the sweep says which', () => {
    const sweep = (learningRate: unknown, data: object = {}) =>
      toxicitySweepSchema.parse({
        ...{ experiment: 'toxicity', model: 'm', data: { prompts: { file: 'p' }, pairs: { file: 'q' }, ...data } },
        arms: { learningRate },
      });
    assert.deepEqual(wantedPairs(sweep('tune')).tune, { fraction: 0.15, seed: 0 });
    assert.equal(wantedPairs(sweep(1e-4)).tune, undefined);
    assert.deepEqual(wantedPairs(sweep('tune', { tune: { fraction: 0.3, seed: 7 } })).tune, { fraction: 0.3, seed: 7 });
    assert.deepEqual(wantedPairs(sweep(1e-4, { heldOutPairs: { fraction: 0.2, seed: 1 } })).heldOutPairs, {
      ...{ fraction: 0.2, seed: 1 },
    });
  });

  it('never train on a conversation in which any user turn is a held-out prompt', async () => {
    const turn = (role: string, content: string) => ({ role, content });
    const asking = (first: string, last: string) => {
      const turns = [turn('user', first), turn('assistant', 'h is said'), turn('user', last), turn('assistant', 'c')];
      return { ...pair(last), turns };
    };
    const split = await splitPairs([asking('a 1', 'b 1'), asking('h 1', 'b 2'), asking('a 1', 'h 2')], prompts, {});
    assert.deepEqual([names(split.training), names(split.heldOut), split.leftOut], ['b 1', 'b 2,h 2', 2]);
  });

  it('keep apart conversations that differ in an earlier turn alone', async () => {
    const chat = (first: string) => ({
      messages: [first, 'x', 'b 1', 'c'].map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content })),
    });
    writeFileSync(join(folder.path, 'chats.jsonl'), JSON.stringify(chat('a 1')));
    const tune = { file: join(folder.path, 'chats.jsonl') };
    const all = ['a 1', 'a 2'].map((first) => ({ ...pair('b 1'), turns: chat(first).messages }));
    const split = await splitPairs(all, prompts, { tune });
    assert.deepEqual(split.training, [all[1]]);
    assert.deepEqual(split.tune, [all[0]]);
  });

  it('are thinned evenly, in their order', () => {
    assert.deepEqual(spread([0, 1, 2, 3, 4, 5, 6, 7], 4), [0, 2, 4, 6]);
    assert.deepEqual(spread([0, 1, 2, 3, 4], 3), [0, 1, 3]);
    assert.deepEqual(spread([0, 1, 2], 3), [0, 1, 2]);
  });
});

describe('the share of the sentences that is held out', () => {
  const frames = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];

  it('is rounded, at least one and never all', () => {
    const size = (fraction: number, count = 10) => drawFrames(frames.slice(0, count), { fraction, seed: 1 }).size;
    assert.deepEqual([size(0.24), size(0.26), size(0.01), size(0.99), size(1), size(0.5, 1)], [2, 3, 1, 9, 9, 0]);
  });

  it('counts a sentence once however many prompts it has, and is drawn by its seed', () => {
    const repeated = [...frames, ...frames, 'a', 'a'];
    const drawn = (seed: number) => [...drawFrames(repeated, { fraction: 0.3, seed })].sort().join();
    assert.equal(drawn(1), [...drawFrames(frames, { fraction: 0.3, seed: 1 })].sort().join());
    assert.ok(new Set([1, 2, 3, 4, 5].map(drawn)).size > 1);
  });
});

describe('the lines of the split', () => {
  const line = (prompt: string, group?: string) => ({
    ...{ prompt, template: `${prompt.charAt(0)} [M]`, frame: prompt.charAt(0) },
    ...(group !== undefined && { group }),
  });
  const split = {
    training: [line('a 1', 'women'), line('b 1', 'men'), line('c 1')],
    heldOut: [line('h 1', 'men'), line('h 2')],
    frameOf: prompts.frameOf,
    groupOf: () => undefined,
  };

  it('are those of the held-out prompts, of the tune pairs and of the others, each part counted from 0', () => {
    const tune = [pair('b 1 ', 'x'), pair('b 1 ', 'y'), pair('new 1')];
    assert.deepEqual(splitLines(split, { tune }), [
      { promptIndex: 0, ...line('h 1', 'men'), split: 'certify' },
      { promptIndex: 1, ...line('h 2'), split: 'certify' },
      { promptIndex: 0, ...line('b 1 ', 'men'), split: 'tune' },
      { promptIndex: 1, prompt: 'new 1', template: 'new 1', frame: 'n', split: 'tune' },
      { promptIndex: 0, ...line('a 1', 'women'), split: 'train' },
      { promptIndex: 1, ...line('c 1'), split: 'train' },
    ]);
  });

  it('say what arms are probed on: the tune prompts, or those that are trained on', () => {
    const evaluation = {
      ...toxicitySweepSchema.parse({
        experiment: 'toxicity',
        model: 'm',
        data: { prompts: { file: 'p' }, pairs: { file: 'q' } },
        arms: { learningRate: 1 },
      }).evaluation,
      prompts: 2,
    };
    const tune = [pair('b 1'), pair('b 1', 'd'), pair('c 1')];
    assert.deepEqual(probedOn({ evaluation }, split, { tune }), {
      prompts: [
        { prompt: 'b 1', frame: 'b' },
        { prompt: 'c 1', frame: 'c' },
      ],
      pairs: tune,
    });
    assert.deepEqual(probedOn({ evaluation }, split, { tune: [] }), {
      prompts: [
        { prompt: 'a 1', frame: 'a' },
        { prompt: 'b 1', frame: 'b' },
      ],
      pairs: [],
    });
  });
});
