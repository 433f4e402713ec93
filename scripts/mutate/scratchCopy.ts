/** A copy of the project that tests are run in; the working tree is never touched. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { applied } from './typedMutants.ts';
import type { Mutant } from './mutants.ts';

export interface TestRun {
  readonly outcome: 'passed' | 'failed' | 'timed out';
  /** What the tests themselves took, as mocha tells it: loading them is paid once, however many there are. */
  readonly seconds: number;
  /** The first test that failed, or the end of what was printed. */
  readonly what: string;
}

/** Files that git knows or would take, from the root. */
export function projectFiles(root: string): readonly string[] {
  const { stdout } = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  return stdout.split('\0').filter((file) => file !== '' && file !== 'node_modules');
}

export class ScratchCopy {
  readonly #path: string;

  constructor(root: string) {
    this.#path = mkdtempSync(join(tmpdir(), 'rankscope-mutants-'));
    for (const file of new Set(projectFiles(root))) {
      const to = join(this.#path, file);
      mkdirSync(dirname(to), { recursive: true });
      cpSync(join(root, file), to, { verbatimSymlinks: true });
    }
    symlinkSync(join(root, 'node_modules'), join(this.#path, 'node_modules'), 'junction');
  }

  /** Runs tests, in this order and up to the first that fails, with or without a fault. */
  async test(tests: readonly string[], limitSeconds: number, mutant?: Mutant): Promise<TestRun> {
    if (!mutant) return this.#run(tests, limitSeconds);
    const path = join(this.#path, mutant.file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, applied(text, mutant));
    try {
      return await this.#run(tests, limitSeconds);
    } finally {
      writeFileSync(path, text);
    }
  }

  #run(tests: readonly string[], limitSeconds: number): Promise<TestRun> {
    const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js');
    const args = ['--import', 'tsx', mocha, '--no-config', '--bail', '--exit', '--timeout', '120000', ...tests];
    // In a group of its own, so that what the tests have started ends with them.
    const child = spawn(process.execPath, args, { cwd: this.#path, detached: true });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += String(chunk)));
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      endGroup(child.pid);
    }, 1000 * limitSeconds);
    return new Promise((resolve) => {
      child.on('close', (status) => {
        clearTimeout(timer);
        endGroup(child.pid);
        const seconds = testSeconds(printed);
        const outcome = isLate ? 'timed out' : status === 0 ? 'passed' : 'failed';
        const first = /^ {2}1\) ([^]*?)\n\n/m.exec(printed)?.[1] ?? printed.slice(-300);
        resolve({ outcome, seconds, what: first.replace(/\s+/g, ' ').trim() });
      });
    });
  }

  remove(): void {
    rmSync(this.#path, { recursive: true, force: true });
  }
}

/** Of `12 passing (340ms)`, `(2s)` or `(3m)`; 0 where nothing passed. */
function testSeconds(printed: string): number {
  const [, count = '0', unit = 's'] = /passing \((\d+)(ms|s|m)\)/.exec(printed) ?? [];
  return Number(count) * ({ ms: 0.001, s: 1, m: 60 }[unit] ?? 1);
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
