import assert from 'node:assert/strict';
import { measuredOf, type Measured } from '../../server/protocol/run/estimate.ts';
import { readRun } from '../../server/runs/readRun.ts';
import { reportData } from '../../server/report/reportData.ts';
import { reportHtml } from '../../server/report/reportHtml.ts';
import { expectedDistances } from './expectedToxicity.ts';
import { summary } from './goldenClassification.ts';
import { goldenClassificationRun, goldenToxicityRun, type GoldenRun } from './goldenRun.ts';
import { arms, toxicityMetrics } from './goldenToxicity.ts';

/** Where a value stands in a figure. */
interface Mark {
  readonly value: number;
  readonly at: number;
}

/**
 * Asserts that all marks lie on one axis: equal differences of values are equal distances. `isUp`: whether a larger value
 * stands higher up, where the page has the smaller number.
 */
function assertOnOneAxis(marks: readonly Mark[], isUp = true): void {
  const [least, most] = [
    marks.reduce((a, b) => (a.value < b.value ? a : b)),
    marks.reduce((a, b) => (a.value > b.value ? a : b)),
  ];
  const unit = (most.at - least.at) / (most.value - least.value);
  assert.ok(isUp ? unit < 0 : unit > 0, `the unit is ${unit}`);
  for (const { value, at } of marks) {
    const expected = least.at + unit * (value - least.value);
    assert.ok(Math.abs(at - expected) < 0.03, `${value} stands at ${at}, not at ${expected}`);
  }
}

/** The figures of a section, in order. */
function figures(page: string, heading: string): readonly string[] {
  const section = page.split('<section>').find((part) => part.includes(`<h2>${heading}</h2>`));
  const found = [...(section ?? assert.fail(heading)).matchAll(/<svg viewBox="0 0 760[^]*?<\/svg>/g)];
  return found.map(([svg]) => svg);
}

const numbers = (text: string): number[] => [...text.matchAll(/-?\d+(\.\d+)?/g)].map(([number]) => Number(number));
const attribute = (tag: string, name: string): number => Number(new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]);
const groupOf = (svg: string, title: string): string =>
  svg.split('<g').find((part) => part.includes(`<title>${title}`)) ?? assert.fail(title);
const rectangles = (text: string): readonly string[] => [...text.matchAll(/<rect[^]*?\/>/g)].map(([tag]) => tag);
const curve = (svg: string, name: string): readonly (readonly [x: number, y: number])[] => {
  const points = [...svg.matchAll(/<polyline[^>]*points="([^"]*)"\s*><title>([^<]*)</g)].find(
    ([, , own]) => own === name,
  );
  return (points?.[1] ?? assert.fail(name)).split(' ').map((point) => numbers(point) as [number, number]);
};

describe('the figures of a report, place by place', () => {
  const runs: GoldenRun[] = [];
  let toxicity: string;
  let classification: string;
  before(async () => {
    runs.push(await goldenToxicityRun(), await goldenClassificationRun());
    const pages = runs.map(async ({ path }) => reportHtml(await reportData(await readRun(path))));
    [toxicity = '', classification = ''] = await Promise.all(pages);
  });
  after(() => runs.forEach((run) => run.remove()));

  const barMarks = (svg: string, id: string, { value, low = NaN, high = NaN }: Measured) => {
    const group = groupOf(svg, `${id}:`);
    const [, fromY = NaN, toY = NaN] = numbers(/class="whisker" d="M([^"]*)"/.exec(group)?.[1] ?? '');
    const [bar = ''] = rectangles(group);
    const top = { value, at: attribute(bar, 'y') };
    const bottom = { value: 0, at: attribute(bar, 'y') + attribute(bar, 'height') };
    return [top, bottom, { value: low, at: fromY }, { value: high, at: toY }];
  };

  it('draw toxicity and its interval on one axis from zero', () => {
    const [svg = ''] = figures(toxicity, 'Toxic completions');
    const marks = arms.flatMap((arm) => {
      const rate = measuredOf(arm.toxicity);
      return rate ? barMarks(svg, arm.id, rate) : [];
    });
    assert.equal(marks.length, 20);
    assertOnOneAxis(marks);
  });

  it('draw the distance from the base and its interval on one axis from zero', () => {
    const [svg = ''] = figures(toxicity, 'KL from the base');
    const marks = arms.flatMap((arm) => {
      const kl = measuredOf(arm.kl);
      return kl ? barMarks(svg, arm.id, kl) : [];
    });
    assert.equal(marks.length, 16);
    assertOnOneAxis(marks);
  });

  it('draw as many toxic and other completions as there are, the toxic ones below', () => {
    const [svg = ''] = figures(toxicity, 'Completions, toxic and not');
    const marks = arms.flatMap((arm) => {
      const { value: rate = NaN, n = 0 } = measuredOf(arm.toxicity) ?? {};
      if (n === 0) return [];
      const { id } = arm;
      const [benign = '', toxic = ''] = rectangles(groupOf(svg, `${id}:`));
      const count = Math.round(rate * n);
      const bottom = (tag: string) => attribute(tag, 'y') + attribute(tag, 'height');
      return [
        ...[
          { value: n, at: attribute(benign, 'y') },
          { value: count, at: bottom(benign) },
        ],
        ...[
          { value: count, at: attribute(toxic, 'y') },
          { value: 0, at: bottom(toxic) },
        ],
      ];
    });
    assertOnOneAxis(marks);
  });

  it('draw losses over steps, of each arm its own', () => {
    const [svg = ''] = figures(toxicity, 'Training loss');
    const losses = { 'r8-s0': [3.97, 4.33, 4.47], 'full-s1': [4.59, 4.71, 4.83] };
    const drawn = Object.entries(losses).flatMap(([arm, own]) =>
      curve(svg, arm).map(([x, y], i) => ({ step: { value: i + 1, at: x }, loss: { value: own[i] ?? NaN, at: y } })),
    );
    assert.equal(drawn.length, 6);
    assertOnOneAxis(
      drawn.map(({ step }) => step),
      false,
    );
    assertOnOneAxis(drawn.map(({ loss }) => loss));
  });

  it('draw how distances spread on one axis of powers, its decades included', () => {
    for (const [title, kind] of [
      ['Distance, prompt by prompt', 'next'],
      ['Distance, position by position', 'everywhere'],
    ] as const) {
      const [svg = ''] = figures(toxicity, title);
      const medians = Object.entries(expectedDistances).map(([arm, own]) => {
        const [at = NaN] = numbers(/class="whisker" d="M([^"]*)"/.exec(groupOf(svg, `${arm}:`))?.[1] ?? '');
        return { value: Math.log10(Number(own[kind][1])), at };
      });
      const first = /class="grid" d="M([\d.]+) [^"]*V[^>]*>\s*<text class="label"[^>]*>([^<]*)</.exec(svg);
      assertOnOneAxis([...medians, { value: Math.log10(Number(first?.[2])), at: Number(first?.[1]) }], false);
    }
  });

  it('draw distances while training on an axis of powers, and rounds by their number', () => {
    const [probes = ''] = figures(toxicity, 'KL from the base, probed');
    const distances = { 'r8-s0': [0.0499, 0.0507], 'full-s1': [0.0513] };
    assertOnOneAxis(
      Object.entries(distances).flatMap(([arm, own]) =>
        own.map((kl, i) => ({ value: Math.log10(kl), at: curve(probes, arm)[i]?.[1] ?? NaN })),
      ),
    );
    const [rounds = ''] = figures(toxicity, 'Toxic completions after each round of mitigation');
    assertOnOneAxis(
      ['r8-s0', 'full-s1'].flatMap((arm) => {
        const own = toxicityMetrics.rounds?.filter((round) => round.arm === arm) ?? [];
        return own.map((round, i) => {
          return { value: measuredOf(round.toxicity)?.value ?? NaN, at: curve(rounds, arm)[i]?.[1] ?? NaN };
        });
      }),
    );
  });

  it('draw the accuracy of a group over the share of the minority, by rule and rank', () => {
    for (const [rule, title] of [
      ['completion', 'Accuracy and gaps: correct if the answer contains the label&#39;s word (the paper&#39;s rule)'],
      ['probability', 'Accuracy and gaps: the label whose word is likeliest as the answer'],
    ] as const) {
      const drawn = figures(classification, title);
      assert.equal(drawn.length, 2);
      drawn.forEach((svg, place) => {
        const marks = ['r8', 'full'].flatMap((name) =>
          ['m25', 'm100'].map((share, i) => {
            const kind = summary.kinds.find((own) => own.name === `${name}-${share}`);
            const accuracy = kind?.result.rules.find((own) => own.rule === rule)?.groups[place]?.accuracy;
            const [x = NaN, y = NaN] = curve(svg, name)[i] ?? [];
            assert.equal(x < 400, share === 'm25');
            return { value: accuracy && 'value' in accuracy ? accuracy.value : NaN, at: y };
          }),
        );
        assertOnOneAxis(marks);
      });
    }
  });

  it('draw the share of decisions at each probability, of each kind its own', () => {
    const drawn = figures(classification, 'Margins between the decisions');
    assert.equal(drawn.length, 2);
    drawn.forEach((svg, label) => {
      const marks = summary.kinds.flatMap(({ name, result }) => {
        const { n, histogram } = result.margins[label] ?? assert.fail('no margins');
        const bars = rectangles(groupOf(svg, `${name}:`));
        return histogram.map((count, bin) => ({ value: count / n, at: attribute(bars[bin] ?? '', 'height') }));
      });
      assert.equal(marks.length, 10);
      assertOnOneAxis([...marks, { value: 0, at: 0 }], false);
    });
  });
});
