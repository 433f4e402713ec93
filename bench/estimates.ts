/**
 * How near is what is told of a sweep before it starts to what it then takes? Each sweep file given is estimated and then
 * run, each in an engine process of its own, in turn; prints time and peak memory of both and their ratios.
 *
 *   npx tsx bench/estimates.ts [--rounds N] SWEEP.json ...        after npm run build
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { RankscopeError } from '../server/protocol/errors.ts';
import { inEngine } from './inEngine.ts';

const { values, positionals: files } = parseArgs({
  options: { rounds: { type: 'string', default: '1' } },
  allowPositionals: true,
});

interface Cost {
  readonly seconds: number;
  /** Bytes, at the highest. */
  readonly memory: number;
}

/** The highest memory that a process has had, as Linux tells it. */
function peakOf(pid: number | undefined): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'))?.[1];
  if (kilobytes !== undefined) return 1024 * Number(kilobytes);
  throw new RankscopeError({ code: 'run', what: 'The system does not tell the memory of a process.' });
}

const estimated = (file: string): Promise<Cost & { readonly took: number }> =>
  inEngine(async ({ client }) => {
    const began = performance.now();
    const { seconds, memoryBytes } = await client.request('sweep.estimate', { file });
    return { seconds, memory: memoryBytes, took: (performance.now() - began) / 1000 };
  });

async function measured(file: string): Promise<Cost> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rankscope-bench-'));
  try {
    return await inEngine(async ({ client, pid }) => {
      const began = performance.now();
      await client.request('sweep.start', { file, run: path.join(folder, 'run') });
      return { seconds: (performance.now() - began) / 1000, memory: peakOf(pid) };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
console.log('| sweep | estimated s | measured s | ratio | estimated MiB | measured MiB | ratio | rehearsal s |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (let round = 0; round < Number(values.rounds); round++) {
  for (const given of files) {
    const file = path.resolve(given);
    const told = await estimated(file);
    const found = await measured(file);
    const cells = [
      ...[path.basename(file, '.json'), told.seconds.toFixed(1), found.seconds.toFixed(1)],
      ...[(told.seconds / found.seconds).toFixed(2), megabytes(told.memory), megabytes(found.memory)],
      ...[(told.memory / found.memory).toFixed(2), told.took.toFixed(1)],
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
