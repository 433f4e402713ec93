/** Makes the paths of a sweep file absolute, and refuses one at which nothing stands. */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { RankscopeError } from '../../protocol/errors.ts';
import type { AnySweep } from '../../protocol/sweep/experiments.ts';

/** A file of a sweep, and further ones of the same format. */
interface NamedFiles {
  readonly file: string;
  readonly more?: readonly string[];
}

/** `place` names the field, such as `data.prompts`. Each throws RankscopeError('config') naming it. */
export interface SweepPaths {
  readonly file: (place: string, value: string) => string;
  readonly inFile: <T extends NamedFiles>(place: string, value: T) => T;
  /** Where the value names a file; another form of it is left as it is. */
  readonly fileOr: <T extends object>(place: string, value: T) => T;
  /** A model that stands on the disk; a hub id, `owner/name`, is left as it is. */
  readonly model: (place: string, value: string) => string;
  /** The folders of starting adapters. */
  readonly init: <T extends Pick<AnySweep['arms'], 'init'>>(arms: T) => T;
}

/** Paths relative to the sweep file at `path`. */
export function sweepPaths(path: string): SweepPaths {
  const base = dirname(path);
  const file = (place: string, value: string): string => existing(resolve(base, value), path, place);
  const inFile = <T extends NamedFiles>(place: string, value: T): T => ({
    ...value,
    file: file(`${place}.file`, value.file),
    ...(value.more && { more: value.more.map((other, i) => file(`${place}.more.${i}`, other)) }),
  });
  return {
    file,
    inFile,
    fileOr: <T extends object>(place: string, value: T): T =>
      'file' in value ? inFile(place, value as T & { file: string }) : value,
    model: (place, value) => modelReference(base, value, path, place),
    init: (arms) => ({
      ...arms,
      init: Object.fromEntries(Object.entries(arms.init).map(([id, value]) => [id, file(`arms.init.${id}`, value)])),
    }),
  };
}

/** What is wrong at a place of the sweep file at `path`; an empty place is the file as a whole. */
export function sweepFault(path: string, place: string, what: string, remedy: string): RankscopeError {
  return new RankscopeError({ code: 'config', what, where: place === '' ? path : `${path}, ${place}`, remedy });
}

function existing(file: string, path: string, place: string): string {
  if (existsSync(file)) return file;
  throw sweepFault(path, place, `there is no ${file}`, 'Paths are relative to the sweep file.');
}

/**
 * A model is a path when it stands on the disk or looks like one; otherwise it is a hub id, `owner/name`, which is left
 * as it is.
 */
function modelReference(base: string, model: string, path: string, place: string): string {
  const file = resolve(base, model);
  if (existsSync(file)) return file;
  const isHubId = /^[\w.-]+\/[\w.-]+$/.test(model) && !model.startsWith('.') && !/\.gguf$/i.test(model);
  if (isHubId && !isAbsolute(model)) return model;
  return existing(file, path, place);
}
