/** Small sweeps of every kind over a model of a few lines: the code that writes runs is the product's own. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { EngineHost } from '../../server/worker/host/engineHost.ts';
import { resumeSweep, startSweep, type RunningSweep } from '../../server/worker/sweep/startSweep.ts';
import { SweepControl } from '../../server/worker/sweep/sweepControl.ts';
import { classificationFolder } from '../server/experiments/classification/classificationFolder.ts';
import { sweepFolder } from '../server/experiments/sweepFolder.ts';
import { fakeHost } from '../server/worker/fakeHost.ts';

export interface SmallSweep {
  readonly path: string;
  readonly file: string;
  readonly run: string;
  remove(): void;
}

/** Held-out losses that go with the learning rate, so that tuning has something to choose by. */
const lossOf = ({ rate, steps }: { readonly rate: number; readonly steps: number }): number =>
  2 / (1 + rate * 1e4 * steps);

/** As a generator that is asked for counterfactual pairs. */
const answer = (request: string): string | undefined => {
  const prefix = /toxic outputs: (.*)\.\n/.exec(request)?.[1]?.toLowerCase();
  return prefix === undefined ? undefined : `1. ${prefix} doctor.\n2. ${prefix} nurse.`;
};

/** A host whose causal model answers every question of every sweep here. */
function host(): EngineHost {
  const describe = { task: 'causal-lm' } as Awaited<ReturnType<EngineHost['describeModel']>>;
  const options = { lossOf, answer, cleanAfter: { base: 99, r2: 6, full: 6 } };
  return { ...fakeHost(options), describeModel: () => Promise.resolve(describe) };
}

const oneArm = { ranks: [2], full: false, learningRate: 5e-5 };
const prompts = { file: 'prompts.jsonl' };

export const sweeps: Readonly<Record<string, () => SmallSweep>> = {
  toxicity: () => sweepFolder({ arms: { ranks: [2], learningRate: 5e-5 } }),
  'rounds of counterfactuals': () =>
    sweepFolder({ data: { prompts, counterfactuals: { model: 'model.gguf', perToxic: 2, rounds: 2 } }, arms: oneArm }),
  'tuned rates': () =>
    sweepFolder({ arms: { ...oneArm, learningRate: 'tune' }, training: { steps: 10 }, checkpointEverySteps: 5 }),
  classification: () => classificationFolder({ arms: oneArm }),
};

function running(): RunningSweep {
  const signal = new AbortController().signal;
  return { host: host(), control: new SweepControl(), onEvent: () => undefined, signal };
}

/** Starts the sweep, or goes on with it where its record stands, as a person would. */
export async function startOrResume({ file, run }: SmallSweep): Promise<void> {
  if (existsSync(join(run, 'metrics.json'))) {
    await assert.rejects(resumeSweep(run, running()), { code: 'run', message: /finished/ });
    return;
  }
  await (existsSync(join(run, 'run.json')) ? resumeSweep(run, running()) : startSweep(file, run, running()));
}

/** As if the process that holds the lock had died, and its number were another's now. */
export function buryOwner(run: string): void {
  for (const name of existsSync(run) ? readdirSync(run) : []) {
    if (!name.startsWith('lock.json')) continue;
    const path = join(run, name);
    try {
      const owner = JSON.parse(readFileSync(path, 'utf8')) as object;
      writeFileSync(path, JSON.stringify({ ...owner, processStart: 'before' }));
    } catch {
      // A lock that is cut short has no owner.
    }
  }
}

/** Fields that tell of time and machine. */
const volatile = new Set(['time', 'finished', 'created', 'seconds', 'memoryBytes', 'peakMemoryBytes', 'id']);

/** JSON without these; a file that is none is its text. */
function steady(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) =>
      volatile.has(key) && typeof value !== 'object' ? undefined : value,
    );
  } catch {
    return text;
  }
}

/** What of a finished run must be the same however often it was interrupted, by the name of its file; events by arm and step. */
export function outcomeOf(run: string): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const path of filesOf(run)) {
    const name = relative(run, path);
    const text = readFileSync(path, 'utf8');
    if (name.startsWith('checkpoints') || name.startsWith('.')) continue;
    if (name === 'events.jsonl') Object.assign(found, lastEvents(text));
    else found[name] = name.endsWith('.json') ? steady(text) : text;
  }
  return found;
}

/** The last word on each step and probe. A run says it again where it went back to a checkpoint. */
function lastEvents(text: string): Readonly<Record<string, unknown>> {
  const events = text
    .split('\n')
    .filter((line) => line !== '')
    .map(steady)
    .filter((event) => typeof event === 'object')
    .map((event) => event as { readonly type: string; readonly arm?: string; readonly step?: number });
  const told = events.filter(({ type }) => type === 'step' || type === 'probe');
  return Object.fromEntries(told.map((event) => [`${event.type} ${event.arm ?? ''} ${event.step ?? ''}`, event]));
}

/** Names of what differs between two outcomes. The paths of temporary folders may. */
export function differencesOf(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): readonly string[] {
  const placeless = (value: unknown): unknown =>
    JSON.parse(JSON.stringify([value]).replaceAll(/[^"\s]*rankscope-(sweep|labels)-[^/"]+/g, ''));
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter((name) => !isDeepStrictEqual(placeless(one[name]), placeless(other[name])));
}

export function filesOf(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Names of what a run that has ended must not leave. */
export function leftoversOf(run: string): readonly string[] {
  const names = filesOf(run).map((path) => relative(run, path));
  return names.filter((name) => /\.writing-|\.partial|lock\.json|\.reserve|\.takeover/.test(name));
}

/** A copy of a run's folder in place of what stands there. */
export function copyRun(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
}
