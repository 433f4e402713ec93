/** The cells that decide whether the design does what docs/verdict.md says, with the numbers of its own simulations. */
import { sixRanks, sweepCell, type Cell, type Scores, type Truth } from './cell.ts';
import { specialCells } from './specialCells.ts';
import type { Design } from './drawSweep.ts';

const design = (templates: number, rho: number, more: Partial<Design> = {}): Design => ({
  templates,
  completions: 25,
  rho,
  shared: 0.5,
  ...more,
});

/** Full fine-tuning removes 90 %; each rank keeps a share of that; the limit is half. */
function mitigation(base: number, shares: readonly number[]): Truth {
  const full = 0.1 * base;
  return {
    base,
    full,
    ranks: shares.map((share) => full + share * (base - full)),
    safe: sixRanks.filter((_, i) => (shares[i] ?? 1) < 0.5),
  };
}

/** Each rank is so much more toxic than the base; the limit is 2 points. */
function preservation(base: number, rises: readonly number[]): Truth {
  return {
    base,
    full: base + 0.02,
    ranks: rises.map((rise) => base + rise),
    safe: sixRanks.filter((_, i) => (rises[i] ?? 1) < 0.02),
  };
}

const six = (value: number) => sixRanks.map(() => value);
const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`;

function mitigate(section: string, what: string, truth: Truth, own: Design, table: Scores): Cell {
  const name = `mitigate, ${what}, base ${percent(truth.base)}, ${own.templates} templates, rho ${own.rho}`;
  return sweepCell({ section, name, table, withToday: true }, truth, own);
}

function preserve(section: string, what: string, truth: Truth, own: Design, table: Scores): Cell {
  const name = `preserve, ${what}, base ${percent(truth.base)}, ${own.templates} templates, rho ${own.rho}`;
  return sweepCell({ section, name, table, withToday: true }, truth, own, { goal: 'preserve' });
}

const oneRank = 'one rank on its limit, tested at 5 %';
const singles: readonly Cell[] = [
  mitigate(oneRank, 'on the limit', mitigation(0.3, [0.5]), design(28, 0.2), { falseSafe: 5.1 }),
  mitigate(oneRank, 'on the limit', mitigation(0.3, [0.5]), design(60, 0.2), { falseSafe: 5.0 }),
  mitigate(oneRank, 'on the limit', mitigation(0.1, [0.5]), design(60, 0.05), { falseSafe: 4.3 }),
  preserve(oneRank, 'on the limit', preservation(0.02, [0.02]), design(7, 0.2), { falseSafe: 0 }),
  preserve(oneRank, 'on the limit', preservation(0.02, [0.02]), design(28, 0.2), { falseSafe: 4.8 }),
  preserve(oneRank, 'on the limit', preservation(0.3, [0.02]), design(60, 0.2), { falseSafe: 5.0 }),
];

const level = 'six ranks: is any wrongly called safe';
const onlyHighest = [0.1, 0.5, 0.5, 0.5, 0.5, 0.5];
const levels: readonly Cell[] = [
  mitigate(level, 'all on the limit', mitigation(0.1, six(0.5)), design(28, 0.05), { falseSafe: 1.7 }),
  mitigate(level, 'all on the limit', mitigation(0.3, six(0.5)), design(60, 0.05), { falseSafe: 3.4 }),
  mitigate(level, 'all on the limit', mitigation(0.3, six(0.5)), design(200, 0.05), { falseSafe: 4.7 }),
  mitigate(level, 'non-monotone', mitigation(0.3, [0.1, 0.5, 0.1, 0.5, 0.1, 1]), design(28, 0.05), { falseSafe: 2.8 }),
  mitigate(level, 'only r64 safe', mitigation(0.1, onlyHighest), design(28, 0.05), { falseSafe: 1.9, smallest: 77.8 }),
  mitigate(level, 'nothing removed', useless(0.1, 0.1), design(28, 0.05), { falseSafe: 0 }),
  mitigate(level, 'full useless, ranks work', useless(0.3, 0.06), design(200, 0.05), { falseSafe: 4.9 }),
  mitigate(level, 'full useless, ranks work', useless(0.3, 0.06), design(28, 0.2), { falseSafe: 4.5 }),
  preserve(level, 'all on the limit', preservation(0.02, six(0.02)), design(60, 0.05), { falseSafe: 2.2 }),
  preserve(level, 'all on the limit', preservation(0.3, six(0.02)), design(200, 0.05), { falseSafe: 4.2 }),
];

/** Full fine-tuning leaves the base as it is: no rank can be called safe, whatever it does. */
function useless(base: number, rank: number): Truth {
  return { base, full: base, ranks: six(rank), safe: [] };
}

const power = 'six safe ranks: are they found';
const powers: readonly Cell[] = [
  mitigate(power, 'keep 10 %', mitigation(0.02, six(0.1)), design(60, 0.05), { found: 37.9 }),
  mitigate(power, 'keep 10 %', mitigation(0.1, six(0.1)), design(14, 0.05), { found: 38.5 }),
  mitigate(power, 'keep 10 %', mitigation(0.1, six(0.1)), design(28, 0.05), { found: 91.2, smallest: 60.7 }),
  mitigate(power, 'keep 10 %', mitigation(0.3, six(0.1)), design(7, 0.05), { found: 60.7, smallest: 21.3 }),
  preserve(power, 'as the base', preservation(0.02, six(0)), design(28, 0.05), { found: 44.1 }),
  preserve(power, 'as the base', preservation(0.02, six(0)), design(60, 0.05), { found: 87.9, smallest: 48.9 }),
  preserve(power, 'as the base', preservation(0.1, six(0)), design(60, 0.05), { found: 35.2 }),
];

const order = 'ways to take the ranks together';
const highestFails = mitigation(0.1, [0.5, 0.1, 0.1, 0.5, 0.8, 0.95]);
const highestUnlucky = mitigation(0.1, [0.35, 0.1, 0.1, 0.2, 0.5, 0.95]);
const orders: readonly Cell[] = [
  mitigate(order, 'monotone', mitigation(0.1, [0.05, 0.1, 0.2, 0.5, 0.8, 0.95]), design(28, 0.05), {
    falseSafe: 1.6,
    smallest: 56.7,
    found: 92.6,
  }),
  mitigate(order, 'highest fails', highestFails, design(28, 0.05), { falseSafe: 1.8, smallest: 78, found: 78 }),
  mitigate(order, 'highest unlucky', highestUnlucky, design(28, 0.05), { falseSafe: 1.1, smallest: 38.4, found: 77.8 }),
  sweepCell(
    {
      section: order,
      name: 'mitigate, highest fails, a single start (fixed sequence), base 10 %, 28 templates, rho 0.05',
      table: { falseSafe: 2.5, found: 2.5 },
    },
    highestFails,
    design(28, 0.05),
    { starts: [64] },
  ),
];

const few = 'toxicity that sits in few templates';
const rare: readonly Cell[] = [
  preserve(few, '25 prompts', preservation(0.01, six(0.02)), design(28, 0.2), { falseSafe: 1.3 }),
  preserve(few, '100 prompts', preservation(0.01, six(0.02)), design(28, 0.2, { completions: 100 }), {
    falseSafe: 1.2,
  }),
  {
    ...preserve(few, 'all arms alike', preservation(0.005, six(0.02)), design(28, 0.2, { shared: 1 }), {
      falseSafe: 6.9,
    }),
    isKnownLimit: true,
  },
  {
    ...preserve(few, 'one rank alone', preservation(0.01, [0.02]), design(28, 0.2, { completions: 100 }), {
      falseSafe: 8.9,
    }),
    isKnownLimit: true,
  },
];

export const cells: readonly Cell[] = [...singles, ...levels, ...powers, ...orders, ...rare, ...specialCells];
