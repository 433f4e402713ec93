/**
 * `npm run demo`: the fair comparison of the demo, then the same data at the paper's settings, each with its report as HTML and
 * Markdown. What an earlier demo left is replaced, so that it can be run again and again.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { RankscopeError } from '../../server/protocol/errors.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** The sweeps, in the order in which they are run, and where their runs lie. */
const sweeps = [
  { file: 'examples/demo/demo.sweep.json', run: 'runs/demo', what: 'The fair comparison' },
  { file: 'examples/demo/paper.sweep.json', run: 'runs/demo-paper', what: "The same data at the paper's settings" },
] as const;

/** Removes the run of an earlier demo. Throws RankscopeError('run') where something else stands in its place. */
export function removeEarlier(folder: string, sweepName: string): void {
  if (!existsSync(folder)) return;
  const record = path.join(folder, 'run.json');
  const name = existsSync(record)
    ? (JSON.parse(readFileSync(record, 'utf8')) as { readonly sweep?: { readonly name?: string } }).sweep?.name
    : undefined;
  if (name !== sweepName) {
    const what = 'something else than a run of the demo stands where the demo writes its run';
    throw new RankscopeError({ code: 'run', what, where: folder, remedy: 'Move it away.' });
  }
  rmSync(folder, { recursive: true });
}

function rankscope(...given: readonly string[]): void {
  const { status } = spawnSync(process.execPath, ['dist/cli.cjs', ...given], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function main(): void {
  const reports = sweeps.map(({ file, run, what }) => {
    const folder = path.join(root, run);
    const { name } = JSON.parse(readFileSync(path.join(root, file), 'utf8')) as { readonly name: string };
    removeEarlier(folder, name);
    console.log(`\n${what}: ${file}\n`);
    rankscope('sweep', file, '--out', run);
    const report = path.join(folder, 'report.html');
    rankscope('report', run, '--html', report, '--markdown', path.join(folder, 'report.md'));
    return `${what}: ${pathToFileURL(report).href}`;
  });
  console.log(`\n${reports.reverse().join('\n')}`);
}

if (process.argv[1] === import.meta.filename) main();
