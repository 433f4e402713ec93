import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { neutralProbes, neutralTexts, readNeutralTexts } from '../../../../server/experiments/data/neutralTexts.ts';
import type { Completion, SamplingOptions } from '../../../../server/experiments/ports/modelPort.ts';
import type { NeutralTexts, ToxicitySweep } from '../../../../server/protocol/sweep/toxicitySweep.ts';
import { FakeModel } from '../fakeModel.ts';
import { memoryWriter } from '../toxicity/memoryWriter.ts';

/** Says one of these a sample, whatever it is asked. */
class Writer extends FakeModel {
  readonly asked: { prompts: readonly string[]; options: SamplingOptions }[] = [];
  private readonly texts: readonly string[];

  constructor(texts: readonly string[]) {
    super();
    this.texts = texts;
  }

  override complete(
    arms: readonly string[],
    prompts: readonly string[],
    options: SamplingOptions,
  ): Promise<readonly Completion[]> {
    this.asked.push({ prompts, options });
    return Promise.resolve(
      this.texts.map((text, sample) => ({ arm: arms[0] ?? '', promptIndex: 0, sample, text, tokens: [] })),
    );
  }
}

const own = { samples: 3, maxNewTokens: 9, seed: 5 };
const sweepOf = (neutral: NeutralTexts | undefined): Pick<ToxicitySweep, 'data'> => {
  const data = { ...(neutral && { neutral }) };
  return { data } as Pick<ToxicitySweep, 'data'>;
};

describe('neutral texts', () => {
  const signal = new AbortController().signal;

  it('are the texts of a file, as many as are asked for, scored as a whole', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rankscope-neutral-'));
    const file = join(folder, 'neutral.jsonl');
    writeFileSync(file, ['One.', 'Two.', 'Three.'].map((text) => `${JSON.stringify({ text })}\n`).join(''));
    const read = await readNeutralTexts({ file, limit: 2 });
    rmSync(folder, { recursive: true });
    assert.deepEqual(read, [
      { prompt: '', completion: 'One.' },
      { prompt: '', completion: 'Two.' },
    ]);
    assert.equal(await readNeutralTexts(own), undefined);
    assert.equal(await readNeutralTexts(undefined), undefined);
  });

  it('are what the base writes after its token of the start, drawn as it is, at the seed', async () => {
    const model = new Writer([' A tree.', ' \n', ' A lake.']);
    const { writer } = memoryWriter();
    const texts = await neutralTexts(sweepOf(own), undefined, { model, writer, signal });
    assert.deepEqual(texts, [
      { prompt: '', completion: ' A tree.' },
      { prompt: '', completion: ' A lake.' },
    ]);
    assert.deepEqual(model.asked, [{ prompts: [''], options: { ...own, temperature: 1, topK: 0, topP: 1, stop: [] } }]);
    const again = await neutralTexts(sweepOf(own), undefined, { model: new Writer([' Other.']), writer, signal });
    assert.deepEqual(again, texts, 'a resumed run has the same');
  });

  it('are refused where the base writes nothing', async () => {
    const { writer } = memoryWriter();
    await assert.rejects(
      neutralTexts(sweepOf(own), undefined, { model: new Writer(['', ' ']), writer, signal }),
      /the base wrote no text of its own in 3 samples/,
    );
  });

  it('are none where the sweep asks for none', async () => {
    const { writer } = memoryWriter();
    const model = new Writer([]);
    assert.deepEqual(await neutralTexts(sweepOf(undefined), undefined, { model, writer, signal }), []);
    assert.deepEqual(model.asked, []);
  });

  it('are probed with the loss of the base on each, few of many', async () => {
    const texts = [1, 2, 3, 4].map((n) => ({ prompt: '', completion: `Text ${n}` }));
    const evaluation = { prompts: 2 } as ToxicitySweep['evaluation'];
    assert.deepEqual(await neutralProbes(texts, { evaluation }, { model: new FakeModel(), signal }), [
      { text: texts[0], base: { nll: 4, tokens: 2 } },
      { text: texts[2], base: { nll: 4, tokens: 2 } },
    ]);
  });
});
