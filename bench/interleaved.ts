/**
 * What the benches share: processes run in turn, medians of the rounds, ratios within a round, tables. The processes that
 * are measured import none of it, since it would count as their memory.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { engineEnvironment } from '../server/launch/engineEnvironment.ts';
import { internal, RankscopeError } from '../server/protocol/errors.ts';
import { median } from './median.ts';

/** Threads that both sides get. */
export const THREADS = 2;

/** What a variable of the environment names. Throws RankscopeError('usage') where it is not set. */
export function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new RankscopeError({ code: 'usage', what: `${name} is not set.`, remedy: 'See the head of the bench.' });
}

export const yardstickFile = (name: string): string => path.join(required('RANKSCOPE_YARDSTICK'), name);

/** Runs bench/opponent.py in a process of its own; its result, the last line that it prints. */
export function opponent(...args: readonly (string | number)[]): unknown {
  return lastLine(python(path.join(import.meta.dirname, 'opponent.py'), ...args, '--threads', THREADS));
}

/** Runs a Python script; what it prints. */
export function python(script: string, ...args: readonly (string | number)[]): string {
  return run(required('RANKSCOPE_PYTHON'), [script, ...args.map(String)], process.env);
}

/**
 * Runs one of the bench's own scripts as the engine is shipped, bundled and in a process of its own, so that neither the
 * loader of TypeScript nor anything else that a bench holds counts as the engine's memory. Its last line is JSON.
 */
export function ours(script: string, ...args: readonly (string | number)[]): unknown {
  return lastLine(run(process.execPath, [bundled(script), ...args.map(String)], engineEnvironment(process.env)));
}

const bundles = new Map<string, string>();

function bundled(script: string): string {
  const known = bundles.get(script);
  if (known) return known;
  const folder = path.join(import.meta.dirname, '..', 'dist', 'bench');
  mkdirSync(folder, { recursive: true });
  const outfile = path.join(folder, `${path.basename(script, '.ts')}.cjs`);
  buildSync({
    entryPoints: [path.join(import.meta.dirname, script)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['onnxruntime-node', 'vscode'],
    define: { 'import.meta.url': 'importMetaUrl', 'import.meta.dirname': '__dirname' },
    banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'error',
  });
  bundles.set(script, outfile);
  return outfile;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 28,
  });
}

function lastLine(output: string): unknown {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  return JSON.parse(line);
}

/** Figures of one process by name. */
export type Figures = Readonly<Record<string, number>>;

export interface Contender {
  readonly name: string;
  readonly run: () => Figures;
}

/** Runs all contenders in turn, so many rounds; each one's figures, round by round. */
export function interleave(contenders: readonly Contender[], rounds: number): ReadonlyMap<string, readonly Figures[]> {
  const results = new Map<string, Figures[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const { name, run: once } of contenders) {
      const figures = once();
      results.get(name)?.push(figures);
      console.error(`round ${round}, ${name}: ${JSON.stringify(figures)}`);
    }
  }
  return results;
}

/** A figure, and whether more of it is better. */
export interface Column {
  readonly figure: string;
  readonly title: string;
  readonly larger: boolean;
  readonly digits?: number;
}

/**
 * The contenders against the first of them: medians, and the median of the rounds' ratios, above 1 where the first is
 * better.
 */
export function printRatios(results: ReadonlyMap<string, readonly Figures[]>, columns: readonly Column[]): void {
  const [first] = results.values();
  if (!first) throw internal('Nothing was measured.');
  printTable(
    ['', ...columns.flatMap(({ title }) => [title, 'ratio'])],
    [...results].map(([name, rounds]) => [
      name,
      ...columns.flatMap(({ figure, larger, digits = 1 }) => {
        const value = median(rounds.map((round) => round[figure] ?? NaN));
        const ratios = rounds.map((round, i) => {
          const [own, other] = [first[i]?.[figure] ?? NaN, round[figure] ?? NaN];
          return larger ? own / other : other / own;
        });
        return [value.toFixed(digits), rounds === first ? '' : median(ratios).toFixed(2)];
      }),
    ]),
  );
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  console.log([row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n'));
}

/** Throws where losses that are to be the same differ by more than so much of themselves. */
export function checkSameLoss(what: string, own: number, other: number, tolerance = 1e-3): void {
  if (Math.abs(own - other) <= tolerance * Math.abs(other)) return;
  throw internal(`${what}: the first losses are ${own} and ${other}; this is not the same work.`);
}
