/**
 * Does a plan foretell the verdict? Draws smaller certify sets from a finished sweep, and compares the mean of the chances that
 * plans of these sets give with the share of the sets whose verdict calls the first rank of the order safe. Prints a table; exits
 * with 1 where the two are more than 0.15 apart. A design `12x2` has 12 templates and 2 prompts of each group in each.
 *
 *     npm run demo && npm run check:plan -- --run runs/demo --sets 20 --designs 6x1,8x1,12x1,12x2,24x1,24x2
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { RankscopeError } from '../server/protocol/errors.ts';
import type { ToxicitySweep } from '../server/protocol/sweep/toxicitySweep.ts';
import { createRandom } from '../server/random/random.ts';
import { toxicityOutcomes } from '../server/report/verdict/toxicityOutcomes.ts';
import { readRun } from '../server/runs/readRun.ts';
import type { VerdictInput } from '../server/verdict/input/verdictInput.ts';
import { drawCertifySet, type CertifyDesign } from './planCheck/certifySets.ts';
import { foretold, trainingIn } from './planCheck/foretold.ts';
import { judgedSafe } from './planCheck/judgedSafe.ts';

const drawSeed = 44;
const allowed = 0.15;

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
  const [, templates, prompts] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (templates === undefined) throw new RankscopeError({ code: 'usage', what: `"${text}" is no design like 12x2` });
  return { templates: Number(templates), prompts: Number(prompts) };
}

interface Compared {
  readonly design: string;
  /**
   * Mean chance by the plans, the same with what the arms did in place of what plans assume, and share of the verdicts, 0..1: safe in
   * every group, and on average or better.
   */
  readonly every: readonly [foretold: number, informed: number, found: number];
  readonly average: readonly [foretold: number, informed: number, found: number];
}

function compare(input: VerdictInput, { verdict }: ToxicitySweep, design: string, sets: number): Compared {
  const lines = Array.from({ length: sets }, (_, set) => {
    const drawn = drawCertifySet(input, designOf(design), createRandom(drawSeed, set));
    const informed = foretold(drawn, verdict, trainingIn(input, firstRank(input, verdict.order)));
    return { plan: foretold(drawn, verdict), informed, found: judgedSafe(drawn, verdict) };
  });
  const mean = (read: (line: (typeof lines)[number]) => number) =>
    lines.reduce((sum, line) => sum + read(line), 0) / sets;
  return {
    design,
    every: [
      mean(({ plan }) => plan.safeInEveryGroup),
      mean(({ informed }) => informed.safeInEveryGroup),
      mean(({ found }) => Number(found === 'safe')),
    ],
    average: [
      mean(({ plan }) => plan.safe),
      mean(({ informed }) => informed.safe),
      mean(({ found }) => Number(found !== 'neither')),
    ],
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
      sets: { type: 'string', default: '20' },
      designs: { type: 'string', default: '6x1,8x1,12x1,12x2,24x1,24x2' },
    },
  });
  const { input, sweep } = await outcomesOf(path.resolve(values.run));
  const rows = values.designs.split(',').map((design) => compare(input, sweep, design, Number(values.sets)));
  const titles = ['plan', 'plan, arms known', `${values.sets} sets`];
  const named = (what: string) => titles.map((title) => `${what}: ${title}`);
  console.log(`| ${['templates x prompts', ...named('every group'), ...named('average')].join(' | ')} |`);
  console.log(`|${' --- |'.repeat(7)}`);
  for (const { design, every, average } of rows) {
    console.log(`| ${[design, ...[...every, ...average].map((share) => share.toFixed(2))].join(' | ')} |`);
  }
  const isOff = ([plan, , found]: Compared['every']) => Math.abs(plan - found) > allowed;
  const wrong = rows.filter(({ every, average }) => isOff(every) || isOff(average));
  for (const { design } of wrong) console.log(`WRONG: ${design}: more than ${allowed} apart`);
  return wrong.length === 0 ? 0 : 1;
}

process.exitCode = await main();
