/**
 * `npm run demo`: the fair comparison of the demo, and the same data at the paper's settings beside it, each with its report as HTML
 * and Markdown. What an earlier demo left is replaced, so that it can be run again and again. The model is too small to gain by a
 * second thread, so each sweep has one and the two run at the same time.
 */
import { spawn } from 'node:child_process';
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

/** Runs a command; what it writes is shown at once, or given back where `isShown` is false. Rejects where the command fails. */
function rankscope(given: readonly string[], isShown = true): Promise<string> {
  const child = spawn(process.execPath, ['dist/cli.cjs', ...given], {
    cwd: root,
    stdio: ['ignore', ...(isShown ? (['inherit', 'inherit'] as const) : (['pipe', 'pipe'] as const))],
  });
  const written: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => written.push(part));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      const text = Buffer.concat(written).toString('utf8');
      if (status === 0) resolve(text);
      else reject(failed(given, text));
    });
  });
}

function failed(given: readonly string[], text: string): RankscopeError {
  const what = `rankscope ${given.join(' ')} failed${text === '' ? '' : `:\n${text}`}`;
  return new RankscopeError({ code: 'run', what });
}

type DemoSweep = (typeof sweeps)[number];

async function report({ run, what }: DemoSweep): Promise<string> {
  const html = path.join(root, run, 'report.html');
  await rankscope(['report', run, '--html', html, '--markdown', path.join(root, run, 'report.md')]);
  return `${what}: ${pathToFileURL(html).href}`;
}

async function main(): Promise<void> {
  for (const { file, run } of sweeps) {
    const { name } = JSON.parse(readFileSync(path.join(root, file), 'utf8')) as { readonly name: string };
    removeEarlier(path.join(root, run), name);
  }
  const [fair, paper] = sweeps;
  console.log(`\n${fair.what}: ${fair.file}\n`);
  const [, text] = await Promise.all([
    rankscope(['sweep', fair.file, '--out', fair.run]),
    rankscope(['sweep', paper.file, '--out', paper.run], false),
  ]);
  console.log(`\n${paper.what}: ${paper.file}\n\n${text}`);
  const reports = [await report(paper), await report(fair)];
  console.log(`\n${reports.join('\n')}`);
}

if (process.argv[1] === import.meta.filename) {
  await main().catch((error: unknown) => {
    console.error(error instanceof RankscopeError ? error.message : error);
    process.exitCode = 1;
  });
}
