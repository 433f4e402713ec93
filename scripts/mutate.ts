/**
 * Plants small faults and sees whether a test fails: what survives is a line that no test would miss. It draws a seeded
 * sample of mutants over the folders of scripts/mutate/folders.ts and runs, in scratch copies, the tests that import the
 * mutated file, the nearest first.
 *
 *   npm run mutate -- [--seed 0] [--count 600] [--folder NAME] [--jobs 2] [--budget 60] [--json FILE]
 *
 * A mutant counts as killed when a test fails, or hangs for a minute and six times as long as the tests take without the
 * fault. One that the type checker refuses in its own file is no mutant: another is drawn. One that no test imports has
 * survived. `--budget` is how many seconds of tests are run against a mutant, as mocha tells them without a fault and
 * without loading; the farthest are left out.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom, permutation } from '../server/random/random.ts';
import { mutatedFolders } from './mutate/folders.ts';
import { ImportGraph } from './mutate/importGraph.ts';
import type { Mutant } from './mutate/mutants.ts';
import { reportText, type Judged } from './mutate/report.ts';
import { projectFiles, ScratchCopy, type TestRun } from './mutate/scratchCopy.ts';
import { TypedMutants } from './mutate/typedMutants.ts';

const root = path.join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    ...{ seed: { type: 'string', default: '0' }, count: { type: 'string', default: '600' } },
    ...{ folder: { type: 'string' }, jobs: { type: 'string', default: '2' } },
    ...{ budget: { type: 'string', default: '60' }, json: { type: 'string' } },
  },
});
const [seed, count, jobs, budget] = [values.seed, values.count, values.jobs, values.budget].map(Number) as [
  ...[number, number, number, number],
];

const files = projectFiles(root);
const graph = new ImportGraph(root);
const folderOf = (file: string) => mutatedFolders.find((folder) => folder.files.test(file))?.name;
const mutated = files.filter((file) => {
  const folder = file.endsWith('.ts') ? folderOf(file) : undefined;
  return folder !== undefined && (values.folder ?? folder) === folder && !graph.isHosted(file);
});

const { sample, invalid, all } = drawSample();
process.stderr.write(`${all} places in ${mutated.length} files; ${sample.length} drawn, ${invalid} refused by types\n`);
const tests = graph.testsOf(files);
/** How each test ends without a fault, measured once. */
const usual = new Map<string, Promise<TestRun>>();
const copies = Array.from({ length: Math.max(1, jobs) }, () => new ScratchCopy(root));
try {
  const judged: Judged[] = [];
  await each(sample, async (mutant, copy) => {
    const one = await judge(mutant, copy);
    judged.push(one);
    process.stderr.write(`${judged.length} of ${sample.length}: ${one.outcome} ${one.place}\n`);
  });
  process.stdout.write(reportText(judged, { seed, invalid }));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ seed, invalid, judged }, null, 2)}\n`);
} finally {
  for (const copy of copies) copy.remove();
}

/** The first `count` mutants, in a drawn order, that the type checker has nothing against. */
function drawSample() {
  const typed = new TypedMutants(root, mutated);
  const every = mutated.flatMap((file) => typed.of(file));
  const drawn: Mutant[] = [];
  let refused = 0;
  for (const place of permutation(createRandom(seed), every.length)) {
    const mutant = every[place];
    if (drawn.length >= count || !mutant) break;
    if (typed.isTyped(mutant)) drawn.push(mutant);
    else refused += 1;
  }
  return { sample: drawn, invalid: refused, all: every.length };
}

async function judge(mutant: Mutant, copy: ScratchCopy): Promise<Judged> {
  const importing = tests.get(mutant.file) ?? [];
  const { chosen, seconds } = await withinBudget(importing, copy);
  const text = readFileSync(path.join(root, mutant.file), 'utf8');
  const line = text.slice(0, mutant.start).split('\n').length;
  const was = text.slice(mutant.start, mutant.end);
  const common = { folder: folderOf(mutant.file) ?? '', place: `${mutant.file}:${line}`, kind: mutant.kind };
  const change = { was, is: mutant.replacement, context: text.split('\n')[line - 1]?.trim() ?? '' };
  const tried = { tests: chosen.length, leftOut: importing.length - chosen.length };
  if (chosen.length === 0) return { ...common, ...change, ...tried, outcome: 'survived', why: 'no test imports it' };
  const run = await copy.test(chosen, 60 + 6 * seconds, mutant);
  const outcome = run.outcome === 'passed' ? 'survived' : 'killed';
  const why = run.outcome === 'passed' ? '' : run.outcome === 'failed' ? run.what : 'it hangs';
  return { ...common, ...change, ...tried, outcome, why };
}

/** The nearest tests that pass without a fault and fit into the budget; one at least. */
async function withinBudget(importing: readonly string[], copy: ScratchCopy) {
  const chosen: string[] = [];
  let seconds = 0;
  for (const test of importing) {
    if (seconds >= budget) break;
    const known = usual.get(test) ?? copy.test([test], 600);
    usual.set(test, known);
    const run = await known;
    if (run.outcome !== 'passed') {
      process.stderr.write(`left out, since it fails without a fault: ${test}: ${run.what}\n`);
    } else if (chosen.length === 0 || seconds + run.seconds <= budget) {
      chosen.push(test);
      seconds += run.seconds;
    }
  }
  return { chosen, seconds };
}

/** Does something with every item, as many at a time as there are copies. */
async function each<T>(items: readonly T[], use: (item: T, copy: ScratchCopy) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const work = async (copy: ScratchCopy) => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await use(item, copy);
  };
  await Promise.all(copies.map(work));
}
