/**
 * What a verdict will be, given what training does: sweeps are drawn and tested as a finished one is. Toxicity of the base varies
 * over templates (beta-binomial); training leaves the same share of it in every template of a group.
 */
import { createRandom, normal, type Random } from '../../random/random.ts';
import { assumptions } from '../statistics/assumptions.ts';
import { betaQuantiles, drawBinomial } from '../statistics/betaBinomial.ts';
import { contrastOf, testContrast, type Claim, type TemplateMean } from '../statistics/contrast.ts';
import { plannedSweep, type PlannedSweep, type Planned } from './plannedSweep.ts';

/** Shares of the drawn sweeps, 0..1. */
export interface Foretold {
  /** Full fine-tuning is shown to work; `preserve`: the judge called some completion toxic. */
  readonly gate: number;
  /** The first training is shown to be below its limit on average. */
  readonly rank: number;
  /** The rank is called safe on average or better. */
  readonly safe: number;
  /** The rank is called safe: in every group, too. */
  readonly safeInEveryGroup: number;
}

const seedOfDraws = 17;
const tableSteps = 220;

/**
 * Draws `draws` sweeps and has each judged as `judgeSweep` judges the first of three or more ranks, at half of alpha. Others are
 * taken to be spread like this one, every completion to have a verdict, and every arm to have learned. The same sweep gives the
 * same shares. Throws a RankscopeError where a number is out of its range.
 */
export function foretell(sweep: PlannedSweep, draws = 400): Foretold {
  const planned = plannedSweep(sweep);
  const counts = { gate: 0, rank: 0, safe: 0, safeInEveryGroup: 0 };
  if (planned.templates < assumptions.leastTemplates) return counts;
  const cells = cellsOf(planned);
  for (let draw = 0; draw < draws; draw++) {
    const drawn = drawArms(planned, cells, createRandom(seedOfDraws, draw));
    const { gate, rank, safe, every } = judge(planned, cells, drawn);
    counts.gate += Number(gate);
    counts.rank += Number(rank);
    counts.safe += Number(safe);
    counts.safeInEveryGroup += Number(every);
  }
  return {
    gate: counts.gate / draws,
    rank: counts.rank / draws,
    safe: counts.safe / draws,
    safeInEveryGroup: counts.safeInEveryGroup / draws,
  };
}

/** Prompts that are alike: those of one group, or those of none. */
interface Cell {
  readonly isGroup: boolean;
  /** Prompts in each template. */
  readonly prompts: readonly number[];
  /** The base's toxicity in a template of this normal score. */
  readonly toxicity: (score: number) => number;
  /** What the base's toxicity is multiplied with, for each arm: base, full fine-tuning, trainings of the rank. */
  readonly factors: readonly number[];
}

function cellsOf(planned: Planned): readonly Cell[] {
  const { templates, prompts, groups, base } = planned;
  const total = templates * prompts;
  const ofGroups = groups.reduce((sum, group) => sum + group.templates * group.prompts, 0);
  const others = total - Math.round(ofGroups);
  const weighted = groups.reduce((sum, group) => sum + group.templates * group.prompts * group.base, 0);
  const rest = Math.min(1, Math.max(0, (base * total - weighted) / others));
  return [
    ...groups.map((group) => cellOf(planned, group, true)),
    ...(others > 0 ? [cellOf(planned, { base: rest, templates, prompts: others / templates }, false)] : []),
  ];
}

function cellOf(planned: Planned, group: Planned['groups'][number], isGroup: boolean): Cell {
  const { goal, seeds, templates, templateCorrelation } = planned;
  const { base, prompts, removal = planned.removal, retained = planned.retained } = group;
  const full = 1 - removal;
  const rank = goal === 'preserve' ? (base + planned.rise) / (base || 1) : Math.max(0, full + retained * (1 - full));
  return {
    isGroup,
    prompts: Array.from({ length: templates }, (_, c) =>
      c < group.templates ? Math.round((c + 1) * prompts) - Math.round(c * prompts) : 0,
    ),
    toxicity: betaQuantiles(base, templateCorrelation, tableSteps),
    factors: [1, goal === 'preserve' ? 1 : full, ...Array.from({ length: seeds }, () => rank)],
  };
}

/** Toxic completions of one cell: of each arm, in each template. */
type Counts = readonly (readonly number[])[];

function drawArms({ templates, samples, promptCorrelation }: Planned, cells: readonly Cell[], random: Random) {
  const scores = Array.from({ length: templates }, () => normal(random));
  return cells.map(({ prompts, toxicity, factors }): Counts => {
    const rates = scores.map(toxicity);
    return factors.map((factor) =>
      rates.map((rate, c) => {
        const chance = Math.min(1, rate * factor);
        // All samples of so many prompts are alike, which makes two samples of a prompt so much correlated.
        const alike = samples === 1 ? 0 : drawBinomial(random, prompts[c] ?? 0, promptCorrelation);
        const apart = ((prompts[c] ?? 0) - alike) * samples;
        return samples * drawBinomial(random, alike, chance) + drawBinomial(random, apart, chance);
      }),
    );
  });
}

interface Judged {
  readonly gate: boolean;
  readonly rank: boolean;
  readonly safe: boolean;
  readonly every: boolean;
}

function judge(planned: Planned, cells: readonly Cell[], drawn: readonly Counts[]): Judged {
  const { goal, removed, margin, groupMargin, alpha, seeds, samples } = planned;
  const factor = seeds > 1 ? 2 : 1;
  const isPreserve = goal === 'preserve';
  const references = isPreserve ? [0] : [1, 0];
  const weights = isPreserve ? [1] : [removed, 1 - removed];
  const claim: Claim = { weights, margin: isPreserve ? margin / 100 : 0 };
  const wider: Claim = { weights, margin: claim.margin + groupMargin / 100 };
  const trainings = Array.from({ length: seeds }, (_, i) => i + 2);
  const places = cells.map((_, i) => i);
  const test = (some: readonly number[], arms: readonly number[], asked: Claim): number => {
    const means = arms.map((arm) => templateMeans(some, arm, { cells, drawn, samples }));
    const contrast = contrastOf(means);
    return contrast.templates < assumptions.leastTemplates ? 1 : factor * testContrast(contrast, asked).pBelow;
  };
  const isAnyToxic = drawn.some(([base = []]) => base.some((count) => count > 0));
  const gate = isPreserve ? isAnyToxic : test(places, [1, 0], { weights: [1], margin: 0 }) <= alpha;
  const passes = (some: readonly number[], asked: Claim) => (arm: number) =>
    test(some, [arm, ...references], asked) <= alpha / 2;
  const rank = passes(places, claim)(2);
  const safe = gate && rank && trainings.every(passes(places, claim));
  const groups = places.filter((i) => cells[i]?.isGroup);
  return { gate, rank, safe, every: safe && groups.every((i) => trainings.every(passes([i], wider))) };
}

/** Mean toxicity of an arm in each template, over some cells. */
function templateMeans(
  some: readonly number[],
  arm: number,
  { cells, drawn, samples }: { cells: readonly Cell[]; drawn: readonly Counts[]; samples: number },
): readonly TemplateMean[] {
  const all = cells[0]?.prompts ?? [];
  return all.map((_, c) => {
    let [toxic, completions] = [0, 0];
    for (const i of some) {
      toxic += drawn[i]?.[arm]?.[c] ?? NaN;
      completions += (cells[i]?.prompts[c] ?? NaN) * samples;
    }
    return { mean: completions === 0 ? undefined : toxic / completions, completions };
  });
}
