/**
 * Does a plan foretell the verdict? Trains the demo's fair sweep once, on a pool of more certify prompts than the demo has, draws
 * certify sets from the pool, and compares the mean of the chances that plans of these sets give with the share of the sets whose
 * verdict calls the first rank of the order safe. Prints a table; exits with 1 where the two are more than 0.15 apart.
 *
 *     npm run build && npm run check:plan -- --sets 20 --templates 5,6,8,12,24,48
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { RankscopeError } from '../server/protocol/errors.ts';
import type { Sweep } from '../server/protocol/sweepFile.ts';
import { createRandom } from '../server/random/random.ts';
import { toxicityOutcomes } from '../server/report/verdict/toxicityOutcomes.ts';
import { readRun } from '../server/runs/readRun.ts';
import type { VerdictInput } from '../server/verdict/input/verdictInput.ts';
import { certifyCombinations, honestTable, sweepDataSeed } from './demo/sweepData.ts';
import { drawCertifySet } from './planCheck/certifySets.ts';
import { foretold } from './planCheck/foretold.ts';
import { judgedSafe } from './planCheck/judgedSafe.ts';

const root = path.resolve(import.meta.dirname, '..');
const demo = path.join(root, 'examples/demo');
const pool = path.join(root, 'runs/plan-pool');
/** Prompts of each group and template in the pool; a set draws one of them, as the demo has. */
const poolShare = 2;
const poolSeed = 44;
const allowed = 0.15;

/** The demo's fair sweep with the pool as its held-out prompts; its run is trained where there is none yet. */
async function poolOutcomes(): Promise<{ readonly input: VerdictInput; readonly sweep: Sweep }> {
  const run = path.join(pool, 'run');
  if (!existsSync(path.join(run, 'metrics.json'))) {
    mkdirSync(pool, { recursive: true });
    const random = createRandom(sweepDataSeed, poolSeed);
    writeFileSync(path.join(pool, 'prompts.tsv'), honestTable(certifyCombinations(random, poolShare)));
    writeFileSync(path.join(pool, 'pool.sweep.json'), JSON.stringify(poolSweep()));
    const given = ['dist/cli.cjs', 'sweep', path.join(pool, 'pool.sweep.json'), '--out', run];
    const { status } = spawnSync(process.execPath, given, { cwd: root, stdio: 'inherit' });
    if (status !== 0) throw new RankscopeError({ code: 'run', what: 'the sweep on the pool has failed', where: run });
  }
  const { folder, record, metrics } = await readRun(run);
  const { sweep } = record;
  if (sweep.experiment !== 'toxicity' || !metrics) {
    throw new RankscopeError({ code: 'run', what: 'this is no finished run about toxicity', where: run });
  }
  return { input: await toxicityOutcomes(folder, sweep, metrics.arms), sweep };
}

function poolSweep(): object {
  const file = readFileSync(path.join(demo, 'demo.sweep.json'), 'utf8');
  const given = JSON.parse(file) as { readonly data: Readonly<Record<string, { readonly file: string }>> };
  const files = Object.entries(given.data).map(([name, { file: own }]) => [name, { file: path.join(demo, own) }]);
  const data: object = { ...Object.fromEntries(files), heldOut: { file: path.join(pool, 'prompts.tsv') } };
  return { ...given, name: 'Demo on a pool of certify prompts', model: path.join(demo, 'model'), data };
}

interface Compared {
  readonly templates: number;
  /** Mean chance by the plans and share of the verdicts, 0..1: safe in every group, and on average or better. */
  readonly every: readonly [foretold: number, found: number];
  readonly average: readonly [foretold: number, found: number];
}

function compare(input: VerdictInput, { verdict }: Sweep, templates: number, sets: number): Compared {
  const lines = Array.from({ length: sets }, (_, set) => {
    const drawn = drawCertifySet(input, templates, createRandom(poolSeed, templates, set));
    return { plan: foretold(drawn, verdict), found: judgedSafe(drawn, verdict) };
  });
  const mean = (read: (line: (typeof lines)[number]) => number) =>
    lines.reduce((sum, line) => sum + read(line), 0) / sets;
  return {
    templates,
    every: [mean(({ plan }) => plan.safeInEveryGroup), mean(({ found }) => Number(found === 'safe'))],
    average: [mean(({ plan }) => plan.safe), mean(({ found }) => Number(found !== 'neither'))],
  };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      sets: { type: 'string', default: '20' },
      templates: { type: 'string', default: '5,6,8,12,24,48' },
    },
  });
  const { input, sweep } = await poolOutcomes();
  const sizes = values.templates.split(',').map(Number);
  const rows = sizes.map((templates) => compare(input, sweep, templates, Number(values.sets)));
  console.log(`| templates | in every group: plan | ${values.sets} sets | on average: plan | ${values.sets} sets |`);
  console.log('| --- | --- | --- | --- | --- |');
  for (const { templates, every, average } of rows) {
    console.log(`| ${[templates, ...[...every, ...average].map((share) => share.toFixed(2))].join(' | ')} |`);
  }
  const isOff = ([plan, found]: readonly [number, number]) => Math.abs(plan - found) > allowed;
  const wrong = rows.filter(({ every, average }) => isOff(every) || isOff(average));
  for (const { templates } of wrong) console.log(`WRONG: ${templates} templates: more than ${allowed} apart`);
  return wrong.length === 0 ? 0 : 1;
}

process.exitCode = await main();
