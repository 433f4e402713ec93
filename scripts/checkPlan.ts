/**
 * Does a plan foretell the verdict? A plan says how often a rank is called safe that keeps a share of what full fine-tuning removes.
 * The outcomes of a finished sweep are taken for all there is: what its first rank keeps, of all prompts and of each group's, is the
 * truth; certify sets are drawn from them, templates with replacement; and the mean chance that plans of these sets give, from their base alone
 * and this truth, is compared with the share of the sets whose verdict calls the rank safe. The same with ranks that are made to keep
 * 10, 20 and 30 %. Prints a table; exits with 1 where the two are more than 0.15 apart. A design `12x2` has 12 templates and 2 prompts
 * of each group in each, `17` as many prompts as a template has.
 *
 *     npm run demo && npm run check:plan -- --run runs/demo --sets 200 --designs 8x1,12x1,12x2,24x1,24x2,24x3
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { RankscopeError } from '../server/protocol/errors.ts';
import type { ToxicitySweep } from '../server/protocol/sweep/toxicitySweep.ts';
import { createRandom } from '../server/random/random.ts';
import { toxicityOutcomes } from '../server/report/verdict/toxicityOutcomes.ts';
import { readRun } from '../server/runs/readRun.ts';
import type { VerdictInput } from '../server/verdict/input/verdictInput.ts';
import { drawCertifySet, ranksThatKeep, type CertifyDesign } from './planCheck/certifySets.ts';
import { foretold, truthOf } from './planCheck/foretold.ts';
import { judgedSafe } from './planCheck/judgedSafe.ts';

const drawSeed = 44;
const allowed = 0.15;
/** Shares that ranks are made to keep, beside what the sweep's first rank kept. */
const madeToKeep = [0.1, 0.2, 0.3];

/** Throws RankscopeError('run') for a run that is not finished, or not about toxicity. */
async function outcomesOf(run: string): Promise<{ readonly input: VerdictInput; readonly sweep: ToxicitySweep }> {
  const { folder, record, metrics } = await readRun(run);
  const { sweep } = record;
  if (sweep.experiment !== 'toxicity' || !metrics) {
    throw new RankscopeError({ code: 'run', what: 'this is no finished run about toxicity', where: run });
  }
  return { input: await toxicityOutcomes(folder, sweep, metrics.arms), sweep };
}

function designOf(text: string): CertifyDesign {
  const [, templates, , prompts] = /^(\d+)(x(\d+))?$/.exec(text) ?? [];
  if (templates === undefined) throw new RankscopeError({ code: 'usage', what: `"${text}" is no design like 12x2` });
  return { templates: Number(templates), ...(prompts !== undefined && { prompts: Number(prompts) }) };
}

interface Compared {
  /** The share that the rank keeps. */
  readonly keeps: number;
  readonly design: string;
  /** Mean chance by the plans, and share of the verdicts, 0..1: safe in every group, and on average or better. */
  readonly every: readonly [foretold: number, found: number];
  readonly average: readonly [foretold: number, found: number];
}

function compare(input: VerdictInput, { verdict }: ToxicitySweep, design: string, sets: number): Compared {
  const truth = truthOf(input, firstRank(input, verdict.order));
  const lines = Array.from({ length: sets }, (_, set) => {
    const drawn = drawCertifySet(input, designOf(design), createRandom(drawSeed, set));
    return { plan: foretold(drawn, verdict, truth), found: judgedSafe(drawn, verdict) };
  });
  const mean = (read: (line: (typeof lines)[number]) => number) =>
    lines.reduce((sum, line) => sum + read(line), 0) / sets;
  return {
    keeps: truth.all.retained,
    design,
    every: [mean(({ plan }) => plan.safeInEveryGroup), mean(({ found }) => Number(found === 'safe'))],
    average: [mean(({ plan }) => plan.safe), mean(({ found }) => Number(found !== 'neither'))],
  };
}

/** The first rank of the order of testing. */
function firstRank({ arms }: VerdictInput, [first]: readonly number[] = []): number {
  return first ?? Math.max(...arms.flatMap(({ rank }) => rank ?? []));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      run: { type: 'string', default: 'runs/demo' },
      sets: { type: 'string', default: '200' },
      designs: { type: 'string', default: '8x1,12x1,12x2,24x1,24x2,24x3' },
    },
  });
  const { input, sweep } = await outcomesOf(path.resolve(values.run));
  const pools = [input, ...madeToKeep.map((share) => ranksThatKeep(input, share, createRandom(drawSeed)))];
  const rows = pools.flatMap((pool) =>
    values.designs.split(',').map((design) => compare(pool, sweep, design, Number(values.sets))),
  );
  const titles = ['every group', 'average'].flatMap((what) => [`${what}: plan`, `${what}: ${values.sets} sets`]);
  console.log(`| ${['rank keeps', 'templates x prompts', ...titles].join(' | ')} |`);
  console.log(`|${' --- |'.repeat(6)}`);
  for (const { keeps, design, every, average } of rows) {
    const shares = [...every, ...average].map((share) => share.toFixed(2));
    console.log(`| ${[`${(100 * keeps).toFixed(0)} %`, design, ...shares].join(' | ')} |`);
  }
  const isOff = ([plan, found]: Compared['every']) => Math.abs(plan - found) > allowed;
  const wrong = rows.filter(({ every, average }) => isOff(every) || isOff(average));
  for (const { keeps, design } of wrong) {
    console.log(`WRONG: ${design}, keeping ${(100 * keeps).toFixed(0)} %: more than ${allowed} apart`);
  }
  return wrong.length === 0 ? 0 : 1;
}

process.exitCode = await main();
