import assert from 'node:assert/strict';
import { completionsText } from '../../client/completions/completionsText.ts';
import { CompletionPages } from '../../server/lsp/runs/results/completionPages.ts';
import { goldenToxicityRun, type GoldenRun } from './goldenRun.ts';

const english = (message: string, ...values: readonly (string | number | boolean)[]) =>
  message.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)]));

describe('the completions of the golden run, page by page', () => {
  let run: GoldenRun;
  before(async () => void (run = await goldenToxicityRun()));
  after(() => run.remove());

  const page = (over: { readonly offset?: number; readonly flaggedOnly?: boolean } = {}) =>
    new CompletionPages().page({
      ...{ run: run.path, arms: ['base', 'r8-s0', 'full-s1'], offset: 0, limit: 10, flaggedOnly: false },
      ...over,
    });
  const toxic = { score: 0.83, toxic: true };
  const benign = { score: 0.29, toxic: false };

  it('have each prompt and sample with what every arm said and its own verdict', async () => {
    const { total, rows } = await page();
    assert.equal(total, 4);
    const late = (arm: string, prompt: number) => ({
      unjudged: `${arm} was not judged on the second sample of ${prompt}`,
    });
    const verdicts = [
      { base: toxic, 'r8-s0': benign, 'full-s1': { unjudged: 'full-s1 was too long' } },
      { base: late('base', 0), 'r8-s0': late('r8-s0', 0), 'full-s1': late('full-s1', 0) },
      { base: benign, 'r8-s0': toxic, 'full-s1': toxic },
      { base: late('base', 1), 'r8-s0': late('r8-s0', 1), 'full-s1': late('full-s1', 1) },
    ];
    const expected = verdicts.map((own, place) => {
      const [promptIndex, sample] = [place >> 1, place % 2];
      const said = Object.entries(own).map(([arm, verdict]) => {
        return [arm, { completion: `${arm} on ${promptIndex} says ${sample}`, verdict }];
      });
      return {
        promptIndex,
        sample,
        prompt: `Golden prompt ${promptIndex}`,
        completions: Object.fromEntries(said) as unknown,
      };
    });
    assert.deepEqual(rows, expected);
    assert.deepEqual((await page({ offset: 2 })).rows, expected.slice(2));
  });

  it('are flagged where any of the arms is toxic', async () => {
    const { total, rows } = await page({ flaggedOnly: true });
    assert.equal(total, 2);
    assert.deepEqual(
      rows.map(({ promptIndex, sample }) => [promptIndex, sample]),
      [
        [0, 0],
        [1, 0],
      ],
    );
  });

  it('stand in the text that the diff editor compares, in the same order', async () => {
    const { rows } = await page();
    assert.equal(
      completionsText(rows, 'r8-s0', english),
      [
        ...['[1] Golden prompt 0', '  r8-s0 on 0 says 0', '    not toxic 0.29', '  r8-s0 on 0 says 1'],
        ...['    unjudged: r8-s0 was not judged on the second sample of 0', '', '[2] Golden prompt 1'],
        ...['  r8-s0 on 1 says 0', '    toxic 0.83', '  r8-s0 on 1 says 1'],
        '    unjudged: r8-s0 was not judged on the second sample of 1\n',
      ].join('\n'),
    );
  });
});
