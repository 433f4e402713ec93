/**
 * Plants small faults and sees whether a test fails: what survives is a line that no test would miss. It draws a seeded
 * sample of mutants over the folders of scripts/mutate/folders.ts and runs the tests that reach the mutated file through
 * imports, the nearest first, until one fails. The fault is in memory alone; do not edit files while it runs.
 *
 *   npm run mutate -- [--seed 0] [--count 600] [--folder NAME] [--jobs 2] [--budget 60] [--json FILE] [--again]
 *
 * A mutant counts as killed when a test fails that passes without it, or when it never ends. One that the type checker
 * refuses in its own file is counted apart, and another is drawn. One that no test imports has survived. One that
 * scripts/mutate/equivalent.json lists changes nothing and is counted apart when it survives. `--budget` is how many
 * processor seconds of tests are run against a mutant. With `--json` the sample and what became of it are kept: a run that
 * was ended goes on there, and `--again` tries the survivors anew, with tests that were written since.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { folderOf } from './mutate/folders.ts';
import { ImportGraph } from './mutate/importGraph.ts';
import { MutantJudge } from './mutate/judgeMutant.ts';
import { projectFiles } from './mutate/projectFiles.ts';
import { reportText } from './mutate/report.ts';
import { drawSample, isUnchanged, readSample, writeSample, type SampledMutant } from './mutate/sample.ts';

const root = path.join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    ...{ seed: { type: 'string', default: '0' }, count: { type: 'string', default: '600' } },
    ...{ folder: { type: 'string' }, jobs: { type: 'string', default: '2' } },
    ...{ budget: { type: 'string', default: '60' }, json: { type: 'string' }, again: { type: 'boolean' } },
  },
});

const files = projectFiles(root);
const graph = new ImportGraph(root);
const mutated = files.filter((file) => file.endsWith('.ts') && folderOf(file) !== undefined && !graph.isHosted(file));
const sample = readSample(values.json) ?? drawSample(root, mutated, Number(values.seed), Number(values.count));
writeSample(values.json, sample);

const isWaiting = (mutant: SampledMutant): boolean =>
  (values.folder ?? mutant.folder) === mutant.folder &&
  (mutant.outcome === undefined || (values.again === true && mutant.outcome === 'survived')) &&
  isUnchanged(root, mutant);
// Mutants of one file in a row: little is loaded anew between them.
const waiting = sample.mutants.filter(isWaiting).sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
const edited = sample.mutants.filter((mutant) => !isUnchanged(root, mutant)).length;
process.stderr.write(`${sample.mutants.length} drawn, ${waiting.length} to try; ${edited} in lines edited since\n`);

const tests = graph.testsOf(files);
const known = { seconds: new Map<string, number>(), passes: new Map<string, boolean>() };
await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, work));
process.stdout.write(reportText(sample));

async function work(): Promise<void> {
  const judge = new MutantJudge(root, tests, Number(values.budget), known);
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    Object.assign(mutant, await judge.judge(mutant));
    writeSample(values.json, sample);
    process.stderr.write(`${waiting.length} wait: ${mutant.outcome} ${mutant.file}:${mutant.line}\n`);
  }
  await judge.end();
}
