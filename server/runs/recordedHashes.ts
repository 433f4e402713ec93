/** What a run was started on, by the hashes in its record, and what of it is another now. */
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RankscopeError } from '../protocol/errors.ts';
import { readRecord } from './readRun.ts';
import { runFolder } from './runFolder.ts';

export type Hashes = Readonly<Record<string, string>>;

/** Which part a model has in a run. */
export type ModelRole = 'model' | 'generator' | 'judge';

export interface HashedModel {
  /** SHA-256 of the weights, hex. */
  readonly hash: string;
  /** SHA-256 (hex) of the other files, by their names. */
  readonly fileHashes: Hashes;
}

/** A base model, whose weights are hashed when a run asks for it; an open checkpoint is one. */
interface BaseModel extends Pick<HashedModel, 'fileHashes'> {
  readonly hash: string | (() => Promise<string>);
}

/** The hashes of a model as a record has them: `model` for the weights, `model/config.json` for a file beside them. */
export function modelHashes(role: ModelRole, { hash, fileHashes }: HashedModel): Hashes {
  return { [role]: hash, ...fileHashesOf(role, fileHashes) };
}

/** The hashes of files beside a model's weights as a record has them; of several models in one part with the reference of each. */
export function fileHashesOf(role: ModelRole, fileHashes: Hashes, reference?: string): Hashes {
  const before = reference === undefined ? role : `${role}/${reference}`;
  return Object.fromEntries(Object.entries(fileHashes).map(([name, hash]) => [`${before}/${name}`, hash]));
}

/** Those of a record's hashes that are of the model with this part. */
export function hashesOfRole(role: ModelRole, recorded: Hashes): Hashes {
  const isOfRole = (name: string): boolean => name === role || name.startsWith(`${role}/`);
  return Object.fromEntries(Object.entries(recorded).filter(([name]) => isOfRole(name)));
}

/**
 * Names of hashes that differ, or that only one side has. Files beside a model's weights count where the record has any of that
 * model: earlier versions recorded the weights alone.
 */
export function changedHashes(recorded: Hashes, now: Hashes): readonly string[] {
  const roles = new Set(Object.keys(recorded).flatMap((name) => roleOf(name) ?? []));
  const isCompared = (name: string): boolean => {
    const role = roleOf(name);
    return role === undefined || roles.has(role);
  };
  const names = new Set([...Object.keys(recorded), ...Object.keys(now)]);
  return [...names].filter((name) => isCompared(name) && recorded[name] !== now[name]);
}

/** Of the hash of a file beside a model's weights: the model's part in the run. */
function roleOf(name: string): string | undefined {
  const slash = name.indexOf('/');
  return slash < 0 ? undefined : name.slice(0, slash);
}

/** Throws RankscopeError('run') naming what differs: see `changedHashes`. */
export function assertSameHashes(recorded: Hashes, now: Hashes, where?: string): void {
  const changed = changedHashes(recorded, now);
  if (changed.length === 0) return;
  throw new RankscopeError({
    code: 'run',
    what: `what the run was started with has changed: ${changed.join(', ')}`,
    ...(where !== undefined && { where }),
    remedy: 'Restore it, or start the sweep anew.',
  });
}

/**
 * Throws RankscopeError('run') where `directory` is an arm of a run whose base was opened by this `reference`, and the base is no
 * longer what the arm was trained on. A base of another name was chosen on purpose, and a folder outside a run notes no hashes.
 */
export async function assertSameBase(directory: string, reference: string, base: BaseModel): Promise<void> {
  const folder = runFolder(dirname(dirname(directory)));
  const isRun = await access(folder.record).then(
    () => true,
    () => false,
  );
  if (!isRun) return;
  const { sweep, hashes } = await readRecord(folder);
  if (sweep.model !== reference) return;
  const hash = typeof base.hash === 'string' ? base.hash : await base.hash();
  const now = modelHashes('model', { hash, fileHashes: base.fileHashes });
  assertSameHashes(hashesOfRole('model', hashes), now, folder.record);
}
