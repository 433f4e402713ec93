/**
 * Draws sweeps of known truth and counts how often the verdict is wrong, or finds what there is to find: the error rates
 * that docs/verdict.md claims. Prints a table; exits with 1 where a rate of false "safe" is above 5 % or a power is off
 * the design's own simulations by more than 3 points.
 *
 *     npm run check:verdict -- --replicates 2000 --seed 1
 *     npm run check:verdict -- --cell 'labels an arm' --cell '2 groups'     # only those with one of the texts in their names
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { RankscopeError } from '../server/protocol/errors.ts';
import { createRandom } from '../server/random/random.ts';
import { judgeSweep } from '../server/verdict/procedure/judgeSweep.ts';
import { isCalledSafe, reachable, type Cell, type Scores } from './verdictCheck/cell.ts';
import { cells } from './verdictCheck/cells.ts';
import { ranksReadAsSafe } from './verdictCheck/todaysRule.ts';

/** Today's rule is a bootstrap, and far enough from 5 % for fewer replicates. */
const todaysReplicates = 200;

interface Measured extends Scores {
  readonly cell: number;
  /** Percent of sweeps in which today's rule calls safe what is not. */
  readonly today?: number;
}

function measure(cell: Cell, place: number, replicates: number, seed: number): Measured {
  const { declaration, inEveryGroup = false } = cell;
  const counts = { falseSafe: 0, found: 0, smallest: 0, today: 0 };
  let truth: { readonly safe: readonly number[]; readonly smallest: number | undefined } | undefined;
  for (let replicate = 0; replicate < replicates; replicate++) {
    const { input, safe } = cell.draw(createRandom(seed, place, replicate));
    const verdict = judgeSweep(input, declaration);
    const called = verdict.ranks.flatMap(({ rank }) => (isCalledSafe(verdict, rank, inEveryGroup) ? [rank] : []));
    truth ??= {
      safe,
      smallest: smallestOf(
        cell,
        verdict.ranks.map(({ rank }) => rank),
        safe,
      ),
    };
    if (called.some((rank) => !safe.includes(rank))) counts.falseSafe += 1;
    if (called.some((rank) => safe.includes(rank))) counts.found += 1;
    if (truth.smallest !== undefined && called.includes(truth.smallest)) counts.smallest += 1;
    if (cell.withToday && replicate < todaysReplicates) {
      if (ranksReadAsSafe(input, replicate).some((rank) => !safe.includes(rank))) counts.today += 1;
    }
  }
  const percent = (count: number, of = replicates) => (100 * count) / of;
  return {
    cell: place,
    falseSafe: percent(counts.falseSafe),
    ...(truth && truth.safe.length > 0 && { found: percent(counts.found), smallest: percent(counts.smallest) }),
    ...(cell.withToday && { today: percent(counts.today, Math.min(replicates, todaysReplicates)) }),
  };
}

function smallestOf({ declaration }: Cell, ranks: readonly number[], safe: readonly number[]): number | undefined {
  const usual = [ranks[0], ranks[Math.floor((ranks.length - 1) / 2)]].flatMap((rank) => rank ?? []);
  return reachable(ranks, safe, declaration.starts ?? usual);
}

/** Half of 95 % of the Monte Carlo distribution of a rate that is 5 %, in points. */
function levelError(replicates: number): number {
  return 196 * Math.sqrt((0.05 * 0.95) / replicates);
}

function faults({ table, isKnownLimit, name }: Cell, found: Measured, replicates: number): readonly string[] {
  const own: string[] = [];
  const falseSafe = found.falseSafe ?? 0;
  if (!isKnownLimit && falseSafe > 5 + levelError(replicates))
    own.push(`${name}: ${falseSafe.toFixed(1)} % false "safe"`);
  for (const score of ['found', 'smallest'] as const) {
    const [ours, theirs] = [found[score], table[score]];
    if (theirs === undefined || (ours !== undefined && Math.abs(ours - theirs) <= 3)) continue;
    own.push(`${name}: ${score} ${ours?.toFixed(1) ?? '-'} %, not ${theirs} %`);
  }
  return own;
}

function printTable(results: readonly Measured[]): void {
  let section = '';
  for (const found of results) {
    const cell = cells[found.cell];
    if (!cell) continue;
    if (cell.section !== section) console.log(`\n### ${cell.section}\n\n${header}`);
    section = cell.section;
    const score = (name: keyof Scores) =>
      cell.table[name] === undefined ? '' : `${(found[name] ?? NaN).toFixed(1)} (${cell.table[name].toFixed(1)})`;
    const today = found.today === undefined ? '' : found.today.toFixed(0);
    const note = cell.isKnownLimit ? ' _(a known limit)_' : '';
    console.log(
      `| ${cell.name}${note} | ${score('falseSafe')} | ${score('found')} | ${score('smallest')} | ${today} |`,
    );
  }
}

const header = [
  '| truth | false safe | any safe found | smallest found | false safe, today |',
  '| --- | --- | --- | --- | --- |',
].join('\n');

interface Asked {
  readonly replicates: number;
  readonly seed: number;
  /** Texts of which a cell's name must hold one; all cells where there is none. */
  readonly names: readonly string[];
}

/** Places of the cells that are asked for, whose random numbers are the same whichever they are. */
function placesOf({ names }: Asked): readonly number[] {
  const isAsked = ({ name }: Cell) => names.length === 0 || names.some((text) => name.includes(text));
  return cells.flatMap((cell, place) => (isAsked(cell) ? [place] : []));
}

/** Every `parts`-th cell from `part` on, in this process. */
function measurePart(part: number, parts: number, asked: Asked): void {
  placesOf(asked).forEach((place, i) => {
    const cell = cells[place];
    if (cell && i % parts === part) process.send?.(measure(cell, place, asked.replicates, asked.seed));
  });
}

async function measureAll(parts: number, asked: Asked): Promise<readonly Measured[]> {
  const results: Measured[] = [];
  const { length } = placesOf(asked);
  await Promise.all(
    Array.from({ length: parts }, (_, part) => {
      const named = asked.names.flatMap((name) => ['--cell', name]);
      const drawn = ['--replicates', String(asked.replicates), '--seed', String(asked.seed)];
      const options = [...drawn, ...named, '--part', `${part}/${parts}`];
      const child = fork(import.meta.filename, options);
      child.on('message', (found: Measured) => {
        results.push(found);
        process.stderr.write(
          `${results.length} of ${length}: ${cells[found.cell]?.name ?? ''} ${JSON.stringify(found)}\n`,
        );
      });
      return new Promise<void>((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', (code) => (code === 0 ? resolve() : reject(partFailed(part, code))));
      });
    }),
  );
  return results.sort((a, b) => a.cell - b.cell);
}

function partFailed(part: number, code: number | null): RankscopeError {
  return new RankscopeError({ code: 'internal', what: `part ${part} of the check ended with ${code ?? 'a signal'}` });
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      replicates: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      cell: { type: 'string', multiple: true, default: [] },
      part: { type: 'string' },
    },
  });
  const [replicates, seed] = [Number(values.replicates), Number(values.seed)];
  if (!Number.isSafeInteger(replicates) || replicates < 1 || !Number.isSafeInteger(seed)) {
    throw new RankscopeError({ code: 'usage', what: '--replicates and --seed are whole numbers' });
  }
  const asked: Asked = { replicates, seed, names: values.cell };
  const { length } = placesOf(asked);
  if (length === 0) throw new RankscopeError({ code: 'usage', what: 'no cell has one of these texts in its name' });
  if (values.part !== undefined) {
    const [part = 0, parts = 1] = values.part.split('/').map(Number);
    measurePart(part, parts, asked);
    process.disconnect();
    return 0;
  }
  const started = performance.now();
  const results = await measureAll(Math.min(availableParallelism(), length), asked);
  printTable(results);
  const wrong = results.flatMap((found) => {
    const cell = cells[found.cell];
    return cell ? faults(cell, found, replicates) : [];
  });
  const judged = results.filter(({ cell }) => !cells[cell]?.isKnownLimit);
  const worst = Math.max(...judged.map(({ falseSafe = 0 }) => falseSafe));
  const error = levelError(replicates).toFixed(1);
  console.log(
    `\n${length} of ${cells.length} cells, ${replicates} sweeps each, ${((performance.now() - started) / 1000).toFixed(0)} s. Percent of ` +
      `sweeps; the design's own simulations in brackets. Largest rate of false "safe": ${worst.toFixed(1)} % ` +
      `(5 % and a Monte Carlo error of ${error} are allowed).`,
  );
  for (const fault of wrong) console.log(`WRONG: ${fault}`);
  return wrong.length === 0 ? 0 : 1;
}

process.exitCode = await main();
