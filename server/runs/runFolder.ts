/** The paths of all files of a run. Only here do ids become file names, after a check. */
import { join, resolve } from 'node:path';
import { RankscopeError } from '../protocol/errors.ts';

/** Files of one arm beside its weights. */
export type ArmLines = 'completions' | 'verdicts' | 'divergence' | 'predictions';

/** Results of stages before training. A resumed run reads them instead of repeating the stage. */
export type Stage =
  | 'prompts'
  | 'neutral'
  | 'base-completions'
  | 'tuning'
  | 'pairs'
  | 'held-out-pairs'
  | 'rounds'
  | 'lens'
  | `pairs-round-${number}`
  | `rate-${number}`;

export interface RunFolder {
  readonly path: string;
  readonly record: string;
  readonly sweep: string;
  readonly events: string;
  readonly metrics: string;
  readonly lock: string;
  /** A file of a few kilobytes. It is removed when the disk is full, so that there is room to record the failure. */
  readonly reserve: string;
  readonly checkpoints: string;
  readonly latestCheckpoint: string;
  readonly arms: string;
  /** The weights of each arm at its least held-out loss so far, while it trains. */
  readonly best: string;
  bestArm(id: string): string;
  arm(id: string): string;
  armLines(id: string, kind: ArmLines): string;
  armMetrics(id: string): string;
  stage(stage: Stage): string;
}

export function runFolder(folder: string): RunFolder {
  const path = resolve(folder);
  const arm = (id: string) => join(path, 'arms', checkedId(id));
  return {
    path,
    record: join(path, 'run.json'),
    sweep: join(path, 'sweep.json'),
    events: join(path, 'events.jsonl'),
    metrics: join(path, 'metrics.json'),
    lock: join(path, 'lock.json'),
    reserve: join(path, '.reserve'),
    checkpoints: join(path, 'checkpoints'),
    latestCheckpoint: join(path, 'checkpoints', 'latest'),
    arms: join(path, 'arms'),
    best: join(path, 'best'),
    bestArm: (id) => join(path, 'best', checkedId(id)),
    arm,
    armLines: (id, kind) => join(arm(id), `${kind}.jsonl`),
    armMetrics: (id) => join(arm(id), 'metrics.json'),
    stage: (stage) => join(path, `${stage}.jsonl`),
  };
}

/** The folder of the run `id` under `root`. Throws RankscopeError('usage') for an id that would lead out of `root`. */
export function runPath(root: string, id: string): string {
  return join(resolve(root), checkedId(id));
}

/**
 * The id itself, when it can be a file name on every system: letters, digits, `.`, `_`, `-`, at most 100, not
 * starting with a dot. Throws RankscopeError('usage') otherwise.
 */
export function checkedId(id: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(id) && !id.endsWith('.')) return id;
  throw new RankscopeError({
    code: 'usage',
    what: `"${id.slice(0, 120)}" cannot be the name of a run or an arm`,
    remedy: 'Use letters, digits, ".", "_" and "-", at most 100, and no dot at either end.',
  });
}
