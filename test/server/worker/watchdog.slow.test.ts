import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { until } from '../../until.ts';

/** Starts the stuck engine through a parent that can be killed, and gives both process ids. */
async function stuckEngine(
  ...args: readonly string[]
): Promise<{ readonly engine: number; readonly parent: () => void }> {
  const script = join(import.meta.dirname, 'stuckEngine.mts');
  const code = `require('node:child_process').spawn(process.execPath, ['--import', 'tsx', ${JSON.stringify(script)}, ...${JSON.stringify(args)}], { stdio: ['ignore', 'inherit', 'inherit'] });`;
  const parent = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [first] = (await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve))).toString().split('\n');
  return { engine: Number(first), parent: () => void parent.kill('SIGKILL') };
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('an engine in a call that does not end', () => {
  for (const args of [[], ['heard']]) {
    it(`lives with its parent and ends with it${args.length > 0 ? ', later where it had heard of the end' : ''}`, async () => {
      const { engine, parent } = await stuckEngine(...args);
      try {
        assert.ok(isThere(engine));
        parent();
        await until(() => !isThere(engine));
      } finally {
        parent();
        if (isThere(engine)) process.kill(engine, 'SIGKILL');
      }
    });
  }
});
