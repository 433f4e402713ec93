import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');

/** The built command line, as a person runs it. */
export const cli = path.join(root, 'dist/cli.cjs');
export const demo = path.join(root, 'examples/demo');
/** What is kept between journeys: converted models. */
export const sharedCache = path.join(root, 'node_modules/.cache/rankscope');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves as soon as it has written so to its standard output; rejects when it ends without. */
  readonly says: (words: string) => Promise<void>;
}

function run(command: string, args: readonly string[], cache: string): Running {
  if (!existsSync(cli)) throw new Error('dist/cli.cjs is missing: run "npm run build" first.');
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: root,
    env: { ...process.env, RANKSCOPE_CACHE: cache },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const finished = new Promise<Finished>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  const says = (words: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => stdout.includes(words) && resolve();
      child.stdout.on('data', look);
      look();
      void finished.then(({ code }) => reject(new Error(`it ended (${code}) before it said ${words}:\n${stderr}`)));
    });
  return { child, finished, says };
}

export const start = (...args: readonly string[]): Running => run(process.execPath, [cli, ...args], sharedCache);

export const rankscope = (...args: readonly string[]): Promise<Finished> => start(...args).finished;

/** The same where no file may grow beyond a size, and with a cache of its own. */
export function rankscopeWithin(
  { kilobytes, cache }: { readonly kilobytes: number; readonly cache: string },
  ...args: readonly string[]
): Promise<Finished> {
  const command = `ulimit -f ${kilobytes}; exec "$0" "$@"`;
  return run('bash', ['-c', command, process.execPath, cli, ...args], cache).finished;
}

/** The objects of JSON lines. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
