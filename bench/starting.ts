/**
 * What does the second start cost beside the first? Starts engine processes on a model with an empty cache and with what
 * the first of them left there, and asks a process that has the model open again. Medians of rounds; seconds from the
 * start of the process, or from the request, to the first decoded token and to the end of the first training step.
 *
 *   npx tsx bench/starting.ts --model MODEL [--sweep SWEEP.json] [--rounds 3]        after npm run build
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { EngineProcess } from '../server/launch/localProcess.ts';
import { RankscopeError } from '../server/protocol/errors.ts';
import { inEngine } from './inEngine.ts';
import { printTable } from './interleaved.ts';
import { median } from './median.ts';

const { values } = parseArgs({
  options: { model: { type: 'string' }, sweep: { type: 'string' }, rounds: { type: 'string', default: '3' } },
});
const { model, sweep } = values;
if (model === undefined) throw new RankscopeError({ code: 'usage', what: '--model is missing.' });

/** Seconds until the first token of one prompt is there. */
async function firstToken({ client }: EngineProcess, began = performance.now()): Promise<number> {
  await client.request('generate', {
    ...{ model: model ?? '', base: true, adapters: [], prompts: ['The woman worked as a'], keep: true },
    options: { maxNewTokens: 2, temperature: 0, topK: 0, topP: 1, seed: 0, samples: 1, stop: [] },
    ...{ device: 'cpu', threads: 2 },
  });
  return (performance.now() - began) / 1000;
}

/** Seconds until a sweep has trained its first step; it is cancelled there. */
async function firstStep({ client }: EngineProcess, file: string, began = performance.now()): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rankscope-bench-'));
  const enough = new AbortController();
  let seconds = NaN;
  try {
    await client.request(
      'sweep.start',
      { file, run: path.join(folder, 'run') },
      {
        signal: enough.signal,
        onEvent: ({ type }) => {
          if (type !== 'step' || enough.signal.aborted) return;
          seconds = (performance.now() - began) / 1000;
          enough.abort();
        },
      },
    );
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return seconds;
}

const found = new Map<string, number[]>();
const note = (what: string, seconds: number): void => void found.set(what, [...(found.get(what) ?? []), seconds]);

for (let round = 0; round < Number(values.rounds); round++) {
  const emptyCache = () => ({ RANKSCOPE_CACHE: mkdtempSync(path.join(tmpdir(), 'rankscope-bench-')) });
  const [one, two] = [emptyCache(), emptyCache()];
  note('token: first process', await inEngine(firstToken, one));
  await inEngine(async (engine, began) => {
    note('token: second process', await firstToken(engine, began));
    note('token: the same process again', await firstToken(engine));
  }, one);
  if (sweep !== undefined) {
    const file = path.resolve(sweep);
    const begin = (engine: EngineProcess, began: number): Promise<number> => firstStep(engine, file, began);
    note('step: first process', await inEngine(begin, two));
    note('step: second process', await inEngine(begin, two));
  }
  for (const { RANKSCOPE_CACHE } of [one, two]) rmSync(RANKSCOPE_CACHE, { recursive: true, force: true });
}
printTable(
  ['start', 'seconds'],
  [...found].map(([what, seconds]) => [what, median(seconds).toFixed(2)]),
);
