/** Reads a run folder, also while it is being written, and derives the run's state from its files alone. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseJson } from '../files/parseJson.ts';
import { readPlainText } from '../files/plainFile.ts';
import type { StoredPrediction } from '../protocol/run/classificationRun.ts';
import { RankscopeError } from '../protocol/errors.ts';
import { isLensResult, type LensResult } from '../protocol/run/lens.ts';
import {
  isStoredCompletion,
  isStoredDivergence,
  isStoredPrediction,
  isStoredPrompt,
  isStoredVerdict,
  readArmMetrics as armMetricsOf,
  readEvent,
  readRunMetrics,
} from '../protocol/run/runChecks.ts';
import type {
  ArmMetrics,
  RunEvent,
  RunMetrics,
  StoredCompletion,
  StoredDivergence,
  StoredPrompt,
  StoredVerdict,
} from '../protocol/run/run.ts';
import { asExploratory } from '../protocol/run/runVerdict.ts';
import { changedLimit, declarationState, type DeclarationState } from './declaration.ts';
import { diskError, onDisk, systemCode } from './diskError.ts';
import { checked, parseJsonLines, type JsonLinesOptions, type ReadLine } from './jsonLines.ts';
import { runFolder, type RunFolder } from './runFolder.ts';
import { isAlive, readLock } from './runLock.ts';
import { runRecordSchema, type RunRecord } from './runRecord.ts';

/**
 * `interrupted`: the process of the run died without recording an end. All states but `running` and `finished` can
 * be resumed.
 */
type RunState = 'running' | 'finished' | 'failed' | 'cancelled' | 'interrupted';

export interface StoredRun {
  readonly folder: RunFolder;
  readonly id: string;
  readonly state: RunState;
  readonly record: RunRecord;
  /** Every event in the order in which it was stored. Steps that were trained again after a resume appear twice. */
  readonly events: readonly RunEvent[];
  /** Present exactly when the run is finished. */
  readonly metrics?: RunMetrics;
  /** Why it failed. */
  readonly failure?: string;
  /** One message for each line of events.jsonl that is no event. Curves lack the values of these lines. */
  readonly broken: readonly string[];
}

/** Reads a run. Throws RankscopeError('run') where there is no run at `path` or its files are damaged. */
export async function readRun(path: string): Promise<StoredRun> {
  const folder = runFolder(path);
  const record = await readRecord(folder);
  const owner = await readLock(folder.lock);
  const broken: string[] = [];
  const events = await readEvents(folder, ({ details }) =>
    broken.push(`${basename(details.where ?? '')}: ${details.what}`),
  );
  const metrics = await readMetrics(folder);
  if (metrics && metrics.experiment !== record.sweep.experiment) {
    throw damaged(
      folder.metrics,
      `it is of the experiment ${metrics.experiment}, and run.json of ${record.sweep.experiment}`,
    );
  }
  const common = { folder, id: basename(folder.path), record, events, broken };
  if (metrics) return { ...common, state: 'finished', metrics };
  if (owner && isAlive(owner)) return { ...common, state: 'running' };
  const end = events.findLast(({ type }) => type === 'started' || type === 'failed' || type === 'cancelled');
  if (end?.type === 'failed') return { ...common, state: 'failed', failure: end.reason };
  return { ...common, state: end?.type === 'cancelled' ? 'cancelled' : 'interrupted' };
}

/** Reads and checks `run.json`. */
export async function readRecord(folder: RunFolder): Promise<RunRecord> {
  const value = await readJson(folder.record);
  if (value === undefined) {
    throw new RankscopeError({
      code: 'run',
      what: 'there is no run here: run.json is missing',
      where: folder.path,
      remedy: 'Give the folder of a run.',
    });
  }
  const parsed = runRecordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw damaged(folder.record, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a run record'}`);
}

/**
 * Reads every event so far. A last line that a crash cut short is left out. So is a broken line, which goes to
 * `onBroken`.
 */
export async function readEvents(
  folder: RunFolder,
  onBroken: (fault: RankscopeError) => void = () => undefined,
): Promise<readonly RunEvent[]> {
  return readLines(folder.events, readEvent, { ignoreTornEnd: true, onBroken });
}

export async function readCompletions(folder: RunFolder, arm: string): Promise<readonly StoredCompletion[]> {
  return readLines(folder.armLines(arm, 'completions'), checked(isStoredCompletion));
}

export async function readVerdicts(folder: RunFolder, arm: string): Promise<readonly StoredVerdict[]> {
  return readLines(folder.armLines(arm, 'verdicts'), checked(isStoredVerdict));
}

/** Reads which split each prompt belongs to. Empty for a run of a version that did not store it. */
export async function readPromptLines(folder: RunFolder): Promise<readonly StoredPrompt[]> {
  return readLines(folder.stage('prompts'), checked(isStoredPrompt));
}

export async function readPredictions(folder: RunFolder, arm: string): Promise<readonly StoredPrediction[]> {
  return readLines(folder.armLines(arm, 'predictions'), checked(isStoredPrediction));
}

/**
 * Whether the limit of the run is still the one that was declared before its first completion. Throws
 * RankscopeError('run').
 */
export async function readDeclaration(folder: RunFolder): Promise<DeclarationState> {
  return declarationState(await readJson(folder.record), await readJson(folder.sweep));
}

export async function readDivergence(folder: RunFolder, arm: string): Promise<readonly StoredDivergence[]> {
  return readLines(folder.armLines(arm, 'divergence'), checked(isStoredDivergence));
}

/** Reads the logit lens of each prompt that the sweep names, with every arm that has a result. */
export async function readLenses(folder: RunFolder): Promise<readonly LensResult[]> {
  return readLines(folder.stage('lens'), checked(isLensResult));
}

export async function readArmMetrics(folder: RunFolder, arm: string): Promise<ArmMetrics | undefined> {
  const value = await readJson(folder.armMetrics(arm));
  if (value === undefined) return undefined;
  const metrics = armMetricsOf(value);
  if (metrics) return metrics;
  throw damaged(folder.armMetrics(arm), 'it does not hold the metrics of an arm');
}

/** Paths of the folders under `root` that hold a run, newest first by name. Empty where `root` does not exist. */
export async function listRuns(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw diskError(error, root);
  });
  const found: string[] = [];
  for (const entry of entries.filter((e) => e.isDirectory())) {
    const path = join(root, entry.name);
    if ((await readdir(path)).includes('run.json')) found.push(path);
  }
  return found.sort().reverse();
}

/**
 * Reads `metrics.json`; undefined for a run that is not finished. Marks a verdict whose limit was changed after the
 * run.
 */
export async function readMetrics(folder: RunFolder): Promise<RunMetrics | undefined> {
  const value = await readJson(folder.metrics);
  if (value === undefined) return undefined;
  const metrics = readRunMetrics(value);
  if (metrics) return withDeclaration(metrics, folder);
  throw damaged(folder.metrics, 'it does not hold the metrics of a run');
}

/** Marks a verdict whose limit was changed after the run. */
export async function withDeclaration(metrics: RunMetrics, folder: RunFolder): Promise<RunMetrics> {
  const { verdict } = metrics;
  if (!verdict || (await readDeclaration(folder)) === 'kept') return metrics;
  return { ...metrics, verdict: asExploratory(verdict, changedLimit) };
}

async function readLines<T>(path: string, read: ReadLine<T>, options: JsonLinesOptions = {}): Promise<readonly T[]> {
  const text = await readText(path);
  return text === undefined ? [] : parseJsonLines(text, path, read, options);
}

async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    return parseJson(text);
  } catch (error) {
    throw damaged(path, `it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Reads a text file; undefined where there is none. */
async function readText(path: string): Promise<string | undefined> {
  return onDisk(path, () =>
    readPlainText(path, { links: 'refuse' }).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }),
  );
}

function damaged(where: string, what: string): RankscopeError {
  return new RankscopeError({
    code: 'run',
    what,
    where,
    remedy: 'The run folder is damaged: restore the file or run again.',
  });
}
