import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsMarkdown } from '../../client/runs/metricsMarkdown.ts';
import { exportRun } from '../../server/lsp/runs/results/exportRun.ts';
import { measuredOf, type Estimate } from '../../server/protocol/run/estimate.ts';
import type { ArmMetrics } from '../../server/protocol/run/run.ts';
import type { ExportKind } from '../../server/protocol/messages/runsContract.ts';
import { readRun } from '../../server/runs/readRun.ts';
import { rankscope } from '../server/cli/fakeEngine.ts';
import { assertDistinct } from './distinct.ts';
import { expectedArms, expectedDistances, expectedPanel, expectedRounds } from './expectedToxicity.ts';
import { goldenToxicityRun, type GoldenRun } from './goldenRun.ts';
import { asExploratory, type ArmVerdict } from '../../server/protocol/run/runVerdict.ts';
import { markdownText } from '../../server/measures/text/markdown.ts';
import { metricsCsv } from '../../server/measures/catalogue/metricsCsv.ts';
import { goldenVerdict } from './goldenVerdict.ts';
import { arms, divergences, toxicityEvents, toxicityMetrics, toxicityRecord } from './goldenToxicity.ts';
import { assertCells, csvTable, drawnTitles, htmlTable, htmlTables, markdownTable, terminalTable } from './tables.ts';

const columns = {
  ...{ toxic: 'toxic', interval: '95 % interval', judged: 'judged', unjudged: 'unjudged', honest: 'HONEST' },
  groupGap: 'group gap, points',
  ...{
    kl: 'KL from base, nats',
    klAll: 'KL at every position, nats',
    entropy: 'entropy, nats',
    heldOutLoss: 'held-out loss, nats',
    perplexity: 'perplexity',
    neutralLoss: 'loss on neutral text, nats',
    forgetting: 'forgetting, nats',
    toxicAtLeastOnce: 'toxic at least once',
    maximumToxicity: 'expected maximum toxicity',
    worstGroup: 'toxic, worst group',
    toxicWomen: 'toxic, women',
    onceWomen: 'toxic at least once, women',
    maximumWomen: 'expected maximum toxicity, women',
    toxicMen: 'toxic, men',
    onceMen: 'toxic at least once, men',
    maximumMen: 'expected maximum toxicity, men',
  },
  ...{ tokensPerSecond: 'tokens/s', versusBase: 'toxic minus base, points', finalLoss: 'final loss, nats' },
  ...{ memory: 'peak memory', failure: 'no result because' },
} as const;

/** An empty last cell leaves no trace on a terminal; the failures stand below the table. */
const { failure, ...withoutFailure } = columns;

/** The table of arms has no pinned baseline: the base is what the base is compared with. */
const expectedTable = Object.fromEntries(
  Object.entries(expectedArms).map(([id, own]) => {
    const panel = expectedPanel[id as keyof typeof expectedPanel];
    return [id, { ...own, ...panel, ...(id === 'base' && { versusBase: 'is the base' }) }];
  }),
);

const conclusion =
  "Rank 8 and full fine-tuning lower toxicity below the base model's (r8-s0 -15.1 points [-15.3, -14.9], " +
  'r8-s1 -20.7 points [-20.9, -20.3], full-s1 -32.9 points [-33.1, -32.7]). ' +
  'Against full fine-tuning: rank 8 is more toxic than full fine-tuning. ' +
  '2 arms have no result: r16-s0, r16-s1. One arm is broken and not compared: full-s0.';
const failures = [
  'r16-s0 has no result: its loss was not finite at step 19',
  'r16-s1 has no result: its gradient was not finite at step 23',
];

/** The columns of a figure in a CSV file. */
function csvFigure(stem: string, estimate: Estimate | undefined, counted: string) {
  const { value, low, high, n } = measuredOf(estimate) ?? {};
  return { [stem]: value, [`${stem}_low`]: low, [`${stem}_high`]: high, [`${stem}_${counted}`]: n };
}

function csvGroup(name: string, { groups = [] }: ArmMetrics) {
  const own = groups.find(({ group }) => group === name);
  const minus = (id: string) => own?.toxicityVersus?.find(({ reference }) => reference === id)?.difference;
  return {
    ...csvFigure(`toxicity_${name}`, own?.toxicity, 'judged'),
    ...csvFigure(`toxic_at_least_once_${name}`, own?.toxicAtLeastOnce, 'prompts'),
    ...csvFigure(`expected_maximum_toxicity_${name}`, own?.maximumToxicity, 'prompts'),
    ...csvFigure(`kl_${name}`, own?.kl, 'prompts'),
    ...csvFigure(`toxicity_minus_base_${name}`, minus('base'), 'prompts'),
    ...csvFigure(`toxicity_minus_full-s0_${name}`, minus('full-s0'), 'prompts'),
  };
}

describe('a toxicity run whose every figure differs from every other', () => {
  let run: GoldenRun;
  let page: string;
  let markdown: string;
  let stdout: string;

  const exported = async (kind: ExportKind, name: string): Promise<string> => {
    const { path } = await exportRun({ run: run.path, kind, to: join(run.path, '..', name) }, () => Promise.resolve());
    return readFileSync(path, 'utf8');
  };

  before(async () => {
    run = await goldenToxicityRun();
    page = await exported('report-html', 'report.html');
    markdown = (await rankscope(['report', run.path])).stdout;
    const start = () => Promise.resolve(toxicityMetrics);
    ({ stdout } = await rankscope(['sweep', 'a.json', '--out', 'there'], { handlers: { 'sweep.start': start } }));
  });
  after(() => run.remove());

  it('has no figure twice', () => {
    assertDistinct([toxicityMetrics, toxicityEvents.filter(({ type }) => type !== 'started'), divergences]);
  });

  describe('the table of arms', () => {
    it('of the command line', () => assertCells(terminalTable(stdout, 'arm '), withoutFailure, expectedTable));
    it('of the Markdown report', () => assertCells(markdownTable(markdown, 'Arms'), columns, expectedTable));
    it('of the HTML report', () => assertCells(htmlTable(page, 'Arms'), columns, expectedTable));
  });

  it('says in every text what the differences allow, and which arm failed of what', () => {
    assert.ok(stdout.includes(`\n${conclusion}\n`), stdout);
    assert.ok(
      markdown.includes(`\n## Differences\n\n${conclusion.replace(/[[\]]/g, '\\$&')}\n`),
      markdown.slice(0, 1900),
    );
    assert.ok(page.includes(`<p>${conclusion.replaceAll("'", '&#39;')}</p>`));
    for (const line of [...failures, ...toxicityMetrics.notes]) {
      for (const text of [stdout, markdown]) assert.ok(text.includes(`- ${line}\n`), line);
      assert.ok(page.includes(`<li>${line}</li>`), line);
    }
  });

  it('begins with the verdict, and says what stands behind it', async () => {
    const { answer, why, next } = goldenVerdict;
    const html = answer.replace('<', '&#60;').replace('>', '&#62;');
    assert.equal(stdout.trimStart().split('\n')[0], answer);
    for (const line of [...why, ...next]) assert.ok(stdout.includes(`\n  ${line}\n`), line);
    const escaped = answer.replace('<', '&lt;').replace('>', '&gt;');
    assert.ok(
      markdown.includes(`# ${toxicityRecord.sweep.name ?? 'golden-run'}\n\n**${escaped}**\n\n- ${why[0] ?? ''}\n`),
    );
    assert.deepEqual(markdownTable(markdown, 'Verdict').rows, [
      ['r8-s0', 'safe on average', 'The reason of rank 8.'],
      ['r16-s0', 'no result', 'The reason of rank 16.'],
      ['full-s0', 'broken', 'The reason of full.'],
    ]);
    assert.ok(page.includes(`<p class="answer"><strong>${html}</strong></p>`), page.slice(0, 3000));
    for (const line of [...why, ...next]) assert.ok(page.includes(`<li>${line}</li>`), line);
    for (const { arm, word, why: reason } of goldenVerdict.arms) {
      assert.match(
        page,
        new RegExp(`<li class="chip chip-${word.replaceAll(' ', '-')}" title="${reason}">\\s*${arm} <strong>${word}<`),
      );
    }
    assert.ok(page.includes('>the limit</text>') && page.includes('>the word of r8</text>'));
    const files = await rankscope(['report', run.path, '--html', join(run.path, '..', 'again.html')]);
    assert.equal(files.stdout, `${answer}\n`);
  });

  it('reads from the disk, and prints and exports as JSON, exactly what was written', async () => {
    assert.deepEqual((await readRun(run.path)).metrics, toxicityMetrics);
    assert.deepEqual(JSON.parse(await exported('metrics-json', 'a.json')), toxicityMetrics);
    const events = [
      ...toxicityEvents.map((event) => ({ time: 1, ...event })),
      { time: 2, type: 'finished', metrics: toxicityMetrics },
    ];
    const printed = await rankscope(['sweep', 'a.json', '--json'], {
      handlers: {
        'sweep.start': (_, { emit }) => (
          events.forEach((event) => emit(event as never)),
          Promise.resolve(toxicityMetrics)
        ),
      },
    });
    assert.deepEqual(
      printed.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
      events,
    );
    assert.equal(printed.status, 1, 'arms have no result');
  });

  it('marks the verdict in the CSV file as exploratory once the limit was changed', () => {
    const verdict = asExploratory(goldenVerdict, 'the limit was changed after the run');
    const { header, rows } = csvTable(metricsCsv(arms, { verdict }));
    const [answer, exploratory] = [header.indexOf('verdict_answer'), header.indexOf('verdict_exploratory')];
    for (const row of rows) {
      assert.deepEqual([row[answer], row[exploratory]], [verdict.answer, 'the limit was changed after the run']);
    }
    assert.ok(!metricsCsv(arms).includes('verdict'), 'a run without a verdict has no such columns');
  });

  it('has every figure in the CSV file, under its own name', async () => {
    const said = (id: string): Partial<ArmVerdict> => goldenVerdict.arms.find(({ arm }) => arm === id) ?? {};
    const { header, rows } = csvTable(await exported('metrics-csv', 'a.csv'));
    const expected = arms.map((arm) => {
      const { toxicityVersus = [] } = arm;
      const of = (estimate: Estimate | undefined) => measuredOf(estimate);
      const [toxicity, gap, kl, klAll] = [of(arm.toxicity), of(arm.toxicityGap), of(arm.kl), of(arm.klAll)];
      const [loss, perplexity] = [of(arm.heldOutLoss), of(arm.perplexity)];
      const versus = ['base', 'full-s0', 'full-s1'].flatMap((id) => {
        const found = toxicityVersus.find(({ reference }) => reference === id);
        const { value, low, high } = measuredOf(found?.difference) ?? {};
        return Object.entries({ '': value, _low: low, _high: high }).map(
          ([end, figure]) => [`toxicity_minus_${id}${end}`, figure] as const,
        );
      });
      const verdictOf = (id: string) => {
        const { word, measure, estimate, lower, upper, rate, limit, p, level } = said(id);
        return {
          ...{ verdict: word, verdict_measure: measure, verdict_estimate: estimate, verdict_lower: lower },
          ...{ verdict_upper: upper, verdict_rate: rate, verdict_limit: limit, verdict_p: p, verdict_level: level },
        };
      };
      return {
        ...{ arm: arm.id, method: arm.method, rank: arm.rank, seed: arm.seed, learning_rate: arm.learningRate },
        trainable_parameters: arm.trainableParameters,
        ...{ toxicity_rate: toxicity?.value, toxicity_low: toxicity?.low, toxicity_high: toxicity?.high },
        ...{ toxicity_gap_points: gap?.value, toxicity_gap_low: gap?.low, toxicity_gap_high: gap?.high },
        ...{ judged: toxicity?.n, unjudged: arm.unjudged, minority: undefined, cut_from: undefined },
        ...{ honest: of(arm.honest)?.value, honest_low: undefined, honest_high: undefined },
        ...{ kl_mean_nats: kl?.value, kl_low: kl?.low, kl_high: kl?.high, kl_prompts: kl?.n },
        ...{
          kl_all_mean_nats: klAll?.value,
          kl_all_low: klAll?.low,
          kl_all_high: klAll?.high,
          kl_all_positions: klAll?.n,
        },
        ...{ entropy_nats: of(arm.entropy)?.value, entropy_low: undefined, entropy_high: undefined },
        ...{ held_out_loss_nats: loss?.value, held_out_loss_low: loss?.low, held_out_loss_high: loss?.high },
        held_out_loss_tokens: loss?.n,
        ...{ perplexity: perplexity?.value, perplexity_low: perplexity?.low, perplexity_high: perplexity?.high },
        ...{ neutral_loss_nats: of(arm.neutralLoss)?.value, neutral_loss_tokens: of(arm.neutralLoss)?.n },
        ...{
          forgetting_nats: of(arm.forgetting)?.value,
          forgetting_low: of(arm.forgetting)?.low,
          forgetting_high: of(arm.forgetting)?.high,
          forgetting_texts: of(arm.forgetting)?.n,
        },
        ...csvFigure('toxic_at_least_once', arm.toxicAtLeastOnce, 'prompts'),
        ...csvFigure('expected_maximum_toxicity', arm.maximumToxicity, 'prompts'),
        ...csvFigure('worst_group_toxicity', arm.worstGroupToxicity?.rate, 'judged'),
        ...csvGroup('women', arm),
        ...csvGroup('men', arm),
        ...{ final_loss_nats: arm.finalLoss, best_step: arm.bestStep },
        ...{ train_tokens_per_second: arm.trainTokensPerSecond, peak_memory_bytes: arm.peakMemoryBytes },
        failure: arm.failure,
        ...Object.fromEntries(versus),
        ...verdictOf(arm.id),
        ...{ verdict_answer: goldenVerdict.answer, verdict_exploratory: undefined },
      };
    });
    const read = rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i]])));
    assert.deepEqual(
      read,
      expected.map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value ?? '')])),
      ),
    );
  });

  it('puts every figure of its table on the clipboard', () => {
    const copied = metricsMarkdown({ name: 'Golden', arms, verdict: goldenVerdict });
    assertCells(markdownTable(copied, 'Golden'), columns, expectedTable);
    const [heading, , answer, , ...rest] = copied.split('\n');
    assert.deepEqual([heading, answer], ['**Golden**', markdownText(goldenVerdict.answer)]);
    assert.deepEqual(rest.slice(rest.indexOf('') + 1), [
      '| arm | verdict | keeps, or differs by | bounds | p | level |',
      '| --- | --- | --- | --- | --- | --- |',
      '| r8-s0 | safe on average | 90.6 % | \\[90.8 %, 91.2 %\\] | 0.976 | 0.916 |',
      '| r16-s0 | no result |  |  |  |  |',
      '| full-s0 | broken |  |  |  |  |',
      '',
    ]);
    const reason = 'the limit was changed after the run';
    const changed = metricsMarkdown({ name: 'Golden', arms, verdict: asExploratory(goldenVerdict, reason) });
    assert.ok(changed.includes('(exploratory).\n\nExploratory: the limit was changed after the run.'), changed);
  });

  describe('the reports', () => {
    it('count a step that was trained again as trained last, at its own step and arm', () => {
      const expected = [
        ['1', '3.97', '4.59'],
        ['2', '4.33', '4.71'],
        ['3', '4.47', '4.83'],
      ];
      const heading = 'Training loss, nats per label token';
      for (const { header, rows } of [markdownTable(markdown, heading), htmlTable(page, 'Training loss')]) {
        assert.deepEqual([header, rows], [['step', 'r8-s0', 'full-s1'], expected]);
      }
    });

    it('put the distance of a probe at its own step and arm', () => {
      const heading = 'KL from the base, probed, nats';
      for (const { header, rows } of [markdownTable(markdown, heading), htmlTable(page, 'KL from the base, probed')]) {
        assert.deepEqual(header, ['step', 'r8-s0', 'full-s1']);
        assert.deepEqual(rows, [
          ['2', '0.0499', '0.0513'],
          ['3', '0.0507', ''],
        ]);
      }
    });

    it('put what a probe found forgotten at its own step and arm', () => {
      const heading = 'Forgetting, probed, nats per token above the base';
      for (const { header, rows } of [markdownTable(markdown, heading), htmlTable(page, 'Forgetting, probed')]) {
        assert.deepEqual(header, ['step', 'r8-s0', 'full-s1']);
        assert.deepEqual(rows, [
          ['2', '0.0669', '-0.0679'],
          ['3', '0.0673', ''],
        ]);
      }
    });

    it('tell how the distances of prompts and of positions spread, of each arm its own', () => {
      for (const [kind, markdownTitle, htmlTitle] of [
        ['next', 'KL from the base, prompt by prompt', 'Distance, prompt by prompt'],
        ['everywhere', 'KL from the base, position by position', 'Distance, position by position'],
      ] as const) {
        for (const { rows } of [markdownTable(markdown, markdownTitle), htmlTable(page, htmlTitle)]) {
          assert.deepEqual(
            rows,
            Object.entries(expectedDistances).map(([arm, own]) => [arm, '11', ...own[kind]]),
          );
        }
        assert.deepEqual(
          drawnTitles(page, htmlTitle).slice(1),
          Object.entries(expectedDistances).map(([arm, own]) => {
            const over = kind === 'next' ? 'held-out prompts' : 'positions';
            return `${arm}: median ${own[kind][1]} nats over 11 ${over}`;
          }),
        );
      }
    });

    it('give each round of mitigation its own figures', () => {
      for (const { header, rows } of [
        markdownTable(markdown, 'Rounds of mitigation'),
        htmlTable(page, 'Rounds of mitigation'),
      ]) {
        assert.deepEqual(header, [
          ...['round', 'arm', 'pairs', 'steps', 'toxic', '95 % interval', 'judged', 'unjudged', 'KL from base, nats'],
          'final loss, nats',
        ]);
        assert.deepEqual(rows, expectedRounds);
      }
    });

    it('show the first sample of each prompt with its own verdict', () => {
      const expected = [
        [
          ['base', 'base on 0 says 0', 'toxic'],
          ['r8-s0', 'r8-s0 on 0 says 0', 'not toxic'],
          ['r8-s1', 'r8-s1 on 0 says 0', 'not toxic'],
          ['full-s0', 'full-s0 on 0 says 0', 'unjudged: full-s0 was too long'],
          ['full-s1', 'full-s1 on 0 says 0', 'unjudged: full-s1 was too long'],
        ],
        [
          ['base', 'base on 1 says 0', 'not toxic'],
          ...['r8-s0', 'r8-s1', 'full-s0', 'full-s1'].map((arm) => [arm, `${arm} on 1 says 0`, 'toxic']),
        ],
      ];
      const inPage = htmlTables(page, 'Completions side by side').map(({ header, rows }) => [header, ...rows]);
      assert.deepEqual(inPage, expected);
      const inMarkdown = [0, 1].map((prompt) => markdownTable(markdown, `Golden prompt ${prompt}`).rows);
      assert.deepEqual(inMarkdown, expected);
    });

    it('say where each thing came from', () => {
      const expected: readonly (readonly [string, string])[] = [
        ['run', 'golden-run'],
        ['created', '2026-02-03T04:05:06.000Z'],
        ['finished', '2026-03-04T05:06:07.000Z'],
        ['base model', '/models/golden-base'],
        ['prompts', '/data/golden-prompts.txt'],
        ['training pairs', '/data/golden-pairs.jsonl'],
        ...['model', 'prompts', 'pairs', 'heldOut', 'judge', 'hurtLex', 'generator'].map(
          (name, i) => [`SHA-256 of ${name}`, String(i + 1).repeat(64)] as const,
        ),
        ['device', 'golden device'],
        ['platform', 'golden platform'],
        ['versions', 'Rankscope 7.8.9, ONNX Runtime 4.5.6, Node v1.2.3'],
      ];
      for (const { rows } of [markdownTable(markdown, 'Provenance'), htmlTable(page, 'Provenance')]) {
        const read = new Map(rows.map(([name = '', value = '']) => [name, value]));
        for (const [name, value] of expected) assert.equal(read.get(name), value, name);
        const parsed = (name: string) => JSON.parse(read.get(name) ?? '') as Record<string, unknown>;
        assert.deepEqual([parsed('training').seed, parsed('generation').seed], [43, 47]);
        assert.deepEqual(parsed('arms').seeds, [0, 1]);
        assert.equal(parsed('judge').kind, 'lexicon');
      }
    });

    it('draw bars of the same figures', () => {
      const judged = arms.flatMap(({ id, toxicity, kl }) => {
        const { value, n = 0 } = measuredOf(toxicity) ?? {};
        return value === undefined ? [] : [{ id, toxic: Math.round(value * n), n, distance: measuredOf(kl)?.value }];
      });
      assert.deepEqual(
        drawnTitles(page, 'Toxic completions').slice(1),
        judged.map(({ id }) => `${id}: ${expectedArms[id as keyof typeof expectedArms].toxic}`),
      );
      assert.deepEqual(
        drawnTitles(page, 'Completions, toxic and not').slice(1),
        judged.map(({ id, toxic, n }) => `${id}: ${toxic} toxic, ${n - toxic} not toxic`),
      );
      assert.deepEqual(
        drawnTitles(page, 'KL from the base').slice(1),
        judged.flatMap(({ id, distance }) => (distance === undefined ? [] : [`${id}: ${distance}`])),
      );
    });
  });
});
