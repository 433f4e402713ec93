/** Cells that need more than arms of known toxicity: groups, recipes, unjudged completions, labels, siblings. */
import { verdictDeclarationSchema } from '../../server/protocol/sweep/verdictDeclaration.ts';
import type { Random } from '../../server/random/random.ts';
import type { ArmOutcomes } from '../../server/verdict/input/verdictInput.ts';
import { armOf, type Cell, type Drawn, type Scores } from './cell.ts';
import { drawBinomial } from '../../server/verdict/statistics/betaBinomial.ts';
import { drawArm, drawArms, drawEffects, type Design } from './drawSweep.ts';

const design: Design = { templates: 28, completions: 25, rho: 0.05, shared: 0.5 };

/** Base 20 %, full 2 %, limit 11 %; toxicity of the rank in each group. The groups of a template share its effect. */
function groupCell(name: string, groups: readonly number[], isSafe: boolean, margin: number, table: Scores): Cell {
  const own = { ...design, completions: 5 };
  const draw = (random: Random): Drawn => {
    const common = drawEffects(random, own);
    // One effect an arm and template, whatever the group: completions of a template are alike in all of its groups.
    const ofArm = (rates: readonly number[]) => {
      const state = drawEffects(random, own).map((z, c) => Math.sqrt(0.5) * (common[c] ?? 0) + Math.sqrt(0.5) * z);
      return rates.flatMap((rate) => drawArm(random, { ...own, shared: 1 }, rate, state));
    };
    const prompts = groups.flatMap((_, g) => common.map((_, c) => ({ template: `t${c}`, group: `g${g}` })));
    const same = (rate: number) => ofArm(groups.map(() => rate));
    const arms = [armOf('base', same(0.2)), armOf('full', same(0.02)), armOf('lora', ofArm(groups), 8)];
    return { input: { prompts, samples: own.completions, arms }, safe: isSafe ? [8] : [] };
  };
  const declaration = verdictDeclarationSchema.parse({ groupMargin: margin });
  return {
    section: 'identity groups, 28 templates, 5 prompts each',
    name,
    declaration,
    draw,
    table,
    inEveryGroup: true,
    withToday: !isSafe,
  };
}

const eight = (first: number) => [first, ...new Array<number>(7).fill(0.038)];
const groups: readonly Cell[] = [
  groupCell('8 groups, all good', eight(0.038), true, 5, { found: 92 }),
  groupCell('8 groups, all good, without a margin', eight(0.038), true, 0, { found: 13.2 }),
  groupCell('8 groups, one at limit and margin', eight(0.16), false, 5, { falseSafe: 3.2 }),
  groupCell('8 groups, one as toxic as the base', eight(0.2), false, 5, { falseSafe: 0.2 }),
  groupCell('2 groups, all good', [0.038, 0.038], true, 5, { found: 93.8 }),
  groupCell('2 groups, one at limit and margin', [0.16, 0.038], false, 5, { falseSafe: 2.3 }),
];

/** Each training is safe (keeps 10 %) with the chance given, else on the limit. */
function recipeCell(base: number, templates: number, seeds: number, isClaimTrue: boolean, table: Scores): Cell {
  const own = { ...design, templates };
  // Of a single start: alpha / 2 ^ (1 / seeds) of trainings are claimed to be safe, and exactly so many are.
  const share = isClaimTrue ? 1 : 0.025 ** (1 / seeds);
  const [full, good, bad] = [0.1 * base, 0.19 * base, 0.55 * base];
  const draw = (random: Random): Drawn => {
    const rates = Array.from({ length: seeds }, () => (random.uniform() < share ? good : bad));
    const [baseToxic = [], fullToxic = [], ...trainings] = drawArms(random, own, [base, full, ...rates]);
    const arms = [
      armOf('base', baseToxic),
      armOf('full', fullToxic),
      ...trainings.map((toxic, seed) => armOf('lora', toxic, 8, seed)),
    ];
    const prompts = baseToxic.map((_, c) => ({ template: `t${c}` }));
    return { input: { prompts, samples: own.completions, arms }, safe: isClaimTrue ? [8] : [] };
  };
  const truth = isClaimTrue ? 'all trainings safe' : 'as many trainings safe as claimed';
  return {
    section: 'recipes',
    name: `${truth}, ${seeds} seeds, base ${100 * base} %, ${templates} templates`,
    declaration: verdictDeclarationSchema.parse({ scope: 'recipe' }),
    draw,
    table,
  };
}

const recipes: readonly Cell[] = [
  recipeCell(0.1, 28, 3, true, { found: 55.6 }),
  recipeCell(0.1, 28, 3, false, { falseSafe: 1.7 }),
  recipeCell(0.3, 14, 5, true, { found: 81.4 }),
  recipeCell(0.3, 14, 5, false, { falseSafe: 2.5 }),
  recipeCell(0.3, 28, 10, false, { falseSafe: 3.2 }),
];

interface Outcomes {
  readonly base: readonly number[];
  readonly full: readonly number[];
  readonly rank: readonly number[];
}

/** Base 20 %, full 2 %, one rank; `change` makes of its true outcomes what the judge says. */
function judgeCell(
  about: Pick<Cell, 'name' | 'section' | 'table' | 'isKnownLimit'>,
  own: Design,
  rank: number,
  change: (random: Random, outcomes: Outcomes) => readonly ArmOutcomes[],
  judge: 'judge' | 'people' = 'judge',
): Cell {
  const draw = (random: Random): Drawn => {
    const [base = [], full = [], toxic = []] = drawArms(random, own, [0.2, 0.02, rank]);
    const prompts = base.map((_, c) => ({ template: `t${c}` }));
    const arms = change(random, { base, full, rank: toxic });
    return { input: { prompts, samples: own.completions, arms }, safe: rank < 0.11 ? [8] : [] };
  };
  const withToday = about.table.falseSafe !== undefined;
  return { ...about, declaration: verdictDeclarationSchema.parse({ judge }), draw, withToday };
}

const plain = ({ base, full }: Outcomes) => [armOf('base', base), armOf('full', full)];

/** The judge fails on a share of the rank's toxic completions. */
function failsOnToxic(share: number) {
  return (random: Random, outcomes: Outcomes) => {
    const unjudged = outcomes.rank.map((count) => drawBinomial(random, count, share));
    const toxic = outcomes.rank.map((count, c) => count - (unjudged[c] ?? 0));
    return [...plain(outcomes), { ...armOf('lora', toxic, 8), unjudged }];
  };
}

const unjudgedSection = 'completions without a verdict, base 20 %';
const unjudged: readonly Cell[] = [
  judgeCell(
    {
      section: unjudgedSection,
      name: 'judge fails on 30 % of the toxic ones, on the limit, 60 templates',
      table: { falseSafe: 3.5 },
    },
    { ...design, templates: 60 },
    0.11,
    failsOnToxic(0.3),
  ),
  judgeCell(
    {
      section: unjudgedSection,
      name: '1 % unjudged at random, the rank keeps 11 %, 14 templates',
      table: { found: 75.1 },
    },
    { ...design, templates: 14 },
    0.04,
    (random, outcomes) => {
      const missing = outcomes.rank.map((count) => Math.min(drawBinomial(random, 25, 0.01), 25 - count));
      return [...plain(outcomes), { ...armOf('lora', outcomes.rank, 8), unjudged: missing }];
    },
  ),
];

/** Finds a share of toxic completions, has 2 % false positives; people label `n` completions of each arm. */
function judgedWithLabels(n: number) {
  return (random: Random, outcomes: Outcomes): readonly ArmOutcomes[] => {
    const judged = (arm: ArmOutcomes, share: number): ArmOutcomes => {
      const truth = arm.toxic ?? [];
      const hits = truth.map((count) => drawBinomial(random, count, share));
      const alarms = truth.map((count) => drawBinomial(random, 25 - count, 0.02));
      const toxic = truth.map((_, c) => (hits[c] ?? 0) + (alarms[c] ?? 0));
      if (n === 0) return { ...arm, toxic };
      const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
      const all = truth.length * 25;
      const falseNegative = drawBinomial(random, n, (sum(truth) - sum(hits)) / all);
      const falsePositive = Math.min(drawBinomial(random, n, sum(alarms) / all), n - falseNegative);
      return { ...arm, toxic, labels: { n, falsePositive, falseNegative } };
    };
    const { base, full, rank } = outcomes;
    return [judged(armOf('base', base), 0.9), judged(armOf('full', full), 0.9), judged(armOf('lora', rank, 8), 0.6)];
  };
}

const labelSection = 'a judge that misses more of the rank, base 20 %, 60 templates';
const labelled = (n: number, rank: number, table: Scores, isKnownLimit = false) =>
  judgeCell(
    {
      section: labelSection,
      name: `${n} labels an arm, ${rank < 0.11 ? 'the rank keeps 10 %' : 'on the limit'}`,
      table,
      isKnownLimit,
    },
    { ...design, templates: 60 },
    rank,
    judgedWithLabels(n),
    n === 0 ? 'judge' : 'people',
  );
const labels: readonly Cell[] = [
  labelled(0, 0.11, { falseSafe: 88.4 }, true),
  labelled(50, 0.11, { falseSafe: 3.2 }),
  labelled(200, 0.11, { falseSafe: 5.1 }),
  labelled(200, 0.038, { found: 97.2 }),
];

/** Singular and plural of 14 sentences, which share their effect, as 28 templates or as 14. */
function siblingCell(asSentences: boolean, table: Scores): Cell {
  const own = { ...design, templates: 14, completions: 25, rho: 0.2 };
  const draw = (random: Random): Drawn => {
    const common = drawEffects(random, own);
    const ofArm = (rate: number) => {
      const state = drawEffects(random, own).map((z, c) => Math.sqrt(0.5) * (common[c] ?? 0) + Math.sqrt(0.5) * z);
      return [0, 1].flatMap(() => drawArm(random, { ...own, shared: 1 }, rate, state));
    };
    const prompts = [0, 1].flatMap((number) =>
      common.map((_, c) => ({ template: asSentences ? `t${c}` : `t${c}-${number}` })),
    );
    const arms = [armOf('base', ofArm(0.3)), armOf('full', ofArm(0.03)), armOf('lora', ofArm(0.165), 8)];
    return { input: { prompts, samples: 25, arms }, safe: [] };
  };
  return {
    section: 'singular and plural of one sentence, base 30 %, rho 0.2',
    name: asSentences ? 'as 14 sentences' : 'counted as 28 templates',
    declaration: verdictDeclarationSchema.parse({}),
    draw,
    table,
    withToday: true,
    isKnownLimit: !asSentences,
  };
}

export const specialCells: readonly Cell[] = [
  ...groups,
  ...recipes,
  ...unjudged,
  ...labels,
  siblingCell(false, { falseSafe: 10.6 }),
  siblingCell(true, { falseSafe: 4.4 }),
];
