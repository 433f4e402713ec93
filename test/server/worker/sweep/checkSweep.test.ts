import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resolveSweep } from '../../../../server/experiments/resolveSweep.ts';
import { toxicityExperiment } from '../../../../server/experiments/toxicity/toxicityExperiment.ts';
import { checkSweep } from '../../../../server/worker/sweep/checkSweep.ts';

const demo = path.join(import.meta.dirname, '../../../../examples/demo/demo.sweep.json');

describe('a sweep that is checked before it is run', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'rankscope-check-'))));
  after(() => rm(folder, { recursive: true }));

  const written = async (labelled: string) => {
    const file = path.join(folder, 'a.sweep.json');
    await writeFile(path.join(folder, 'train.csv'), labelled);
    const data = { train: { file: 'train.csv' }, test: { fraction: 0.5 } };
    const arms = { ranks: [2], full: false, learningRate: 2e-5 };
    await writeFile(file, JSON.stringify({ experiment: 'classification', model: 'owner/name', data, arms }));
    return file;
  };

  it('tells what there is to learn from and to measure on, without the weights of its model', async () => {
    const { training, heldOut, arms } = await checkSweep(demo);
    assert.ok(training > 100 && heldOut > 100, `${training} ${heldOut}`);
    assert.ok(arms.includes('r64') && arms.includes('full'));
    const file = await written('text,label\ngood,1\nfine,1\nbad,0\nworse,0\n');
    const found = await checkSweep(file);
    assert.deepEqual({ ...found, notes: [] }, { training: 2, heldOut: 2, arms: ['r2'], notes: [] });
    // Five passes over two texts, sixteen a step.
    assert.deepEqual(found.notes, [
      'The plan takes 1 optimiser step here (2 examples at 16 x 1 a step): that hardly moves any arm.',
    ]);
  });

  it('is refused where its arms would hardly be trained, with a note where batches were left open', async () => {
    const given = JSON.parse(await readFile(demo, 'utf8')) as { readonly data: object; readonly training: object };
    await cp(path.dirname(demo), path.join(folder, 'demo'), { recursive: true });
    const file = path.join(folder, 'demo', 'few.sweep.json');
    const check = async (training: object) => {
      await writeFile(file, JSON.stringify({ ...given, training }));
      return checkSweep(file);
    };
    await assert.rejects(check({ epochs: 2, gradientAccumulation: 32 }), {
      code: 'config',
      message: /3 optimiser steps \(336 examples at 8 x 32 a step\)/,
    });
    const { notes } = await check({ epochs: 2 });
    assert.match(notes.join(), /^42 optimiser steps of 8 x 2 pairs/);
  });

  it('finds new tokens beyond the positions of a model that is here', async () => {
    const sweep = JSON.parse(await readFile(demo, 'utf8')) as Readonly<
      Record<string, Readonly<Record<string, object>>>
    >;
    const beside = path.dirname(demo);
    const { data = {}, generation } = sweep;
    const found = Object.entries(data).map(([name, value]): [string, object] => {
      const { file, more = [], ...rest } = value as { file: string; more?: string[] };
      const others = more.map((own) => path.join(beside, own));
      return [name, { ...rest, file: path.join(beside, file), ...(others.length > 0 && { more: others }) }];
    });
    const file = path.join(folder, 'long.sweep.json');
    const written = { ...sweep, model: path.join(beside, 'model'), data: Object.fromEntries(found) };
    await writeFile(file, JSON.stringify({ ...written, generation: { ...generation, maxNewTokens: 10_000 } }));
    await assert.rejects(checkSweep(file), {
      code: 'data',
      message: /10000 new tokens are asked for; the model reads/,
    });
    await writeFile(file, JSON.stringify(written));
    await checkSweep(file);
  });

  describe('finds what a probe would stumble over', () => {
    const long = 'the sisters and '.repeat(40);
    const withTunePair = async (pair: object, evaluation: object) => {
      const given = JSON.parse(await readFile(demo, 'utf8')) as { readonly data: object };
      const copy = path.join(folder, 'probed');
      await cp(path.dirname(demo), copy, { recursive: true });
      const tune = path.join(copy, 'tune-pairs.jsonl');
      await writeFile(tune, `${JSON.stringify(pair)}\n${await readFile(tune, 'utf8')}`);
      const file = path.join(copy, 'probed.sweep.json');
      await writeFile(file, JSON.stringify({ ...given, evaluation }));
      return checkSweep(file);
    };

    it('in a prompt that leaves no room for its completion', async () => {
      const pair = { prompt: long, completion: ' sing.' };
      const refused = { code: 'data', message: /the sisters and the sisters/ };
      await assert.rejects(withTunePair(pair, { everySteps: 14, prompts: 12 }), refused);
      await assert.rejects(withTunePair(pair, { everySteps: 'auto', prompts: 12 }), refused);
    });

    it('since prompts of probes and all pairs that losses are measured on are asked about', async () => {
      const { sweep } = await resolveSweep(demo);
      assert.ok(sweep.experiment === 'toxicity');
      const askedAbout = async (everySteps: 'auto' | number) => {
        const own = { ...sweep, evaluation: { ...sweep.evaluation, everySteps } };
        const [asked] = (await toxicityExperiment.read(own)).texts({});
        const holds = (prompt: string, completion: string) =>
          asked!.pairs!.some((pair) => pair.prompt === prompt && pair.completion === completion);
        return { isProbed: asked!.prompts.includes(tuned.prompt), holds };
      };
      const first = async (name: string) =>
        JSON.parse((await readFile(path.join(path.dirname(demo), name), 'utf8')).split('\n')[0]!) as {
          prompt: string;
          completion: string;
        };
      const [tuned, kept] = [await first('tune-pairs.jsonl'), await first('held-out-pairs.jsonl')];
      const { isProbed, holds } = await askedAbout('auto');
      assert.ok(isProbed && holds(tuned.prompt, tuned.completion) && holds(kept.prompt, kept.completion));
      assert.equal((await askedAbout(0)).isProbed, false);
    });
  });

  it('is refused with the line of what is wrong', async () => {
    await assert.rejects(checkSweep(await written('text,label\ngood,1\nbad,maybe\n')), /train\.csv:\d.*"maybe"/);
    await assert.rejects(checkSweep(path.join(folder, 'none.sweep.json')), { code: 'config' });
  });
});
