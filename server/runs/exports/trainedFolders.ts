/** Finds the folders that hold trained weights, and the base model of each. */
import { access, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { RankscopeError } from '../../protocol/errors.ts';
import { armWeightFiles } from '../armWeightFiles.ts';
import { trainedWeights } from './exportArm.ts';
import { readRecord } from '../readRun.ts';
import { runFolder } from '../runFolder.ts';

export interface TrainedFolders {
  /** The base model; undefined where the folder does not name it. */
  readonly model: string | undefined;
  readonly arms: readonly { readonly arm: string; readonly directory: string }[];
  /** Arms of the run that have no weights. */
  readonly without: readonly string[];
}

/**
 * Finds the trained arms of a run, or only the arm with the id `arm`. For a folder that is no run, finds the
 * adapter or model in it and names it after the folder. Throws RankscopeError: `usage` where `arm` is no trained
 * arm, `run` where no arm has weights, `model` for an adapter whose configuration cannot be read.
 */
export async function trainedFolders(path: string, arm?: string): Promise<TrainedFolders> {
  const folder = runFolder(path);
  if (!(await isFile(folder.record))) {
    if (arm !== undefined) await readRecord(folder);
    const own = { arm: basename(resolve(path)), directory: resolve(path) };
    return { model: await baseOf(own.directory), arms: [own], without: [] };
  }
  const { sweep, arms } = await readRecord(folder);
  if (arm !== undefined) await trainedWeights(folder, arm);
  const ids = arm === undefined ? arms.filter(({ method }) => method !== 'base').map(({ id }) => id) : [arm];
  const counts = await Promise.all(ids.map(async (id) => (await armWeightFiles(folder, id)).length));
  const has = (_: string, i: number): boolean => (counts[i] ?? 0) > 0;
  const found = ids.filter(has);
  if (found.length === 0) {
    throw new RankscopeError({
      code: 'run',
      what: 'no arm of the run has weights',
      where: folder.path,
      remedy: 'Finish the run first.',
    });
  }
  return {
    model: sweep.model,
    arms: found.map((id) => ({ arm: id, directory: folder.arm(id) })),
    without: ids.filter((id) => !found.includes(id)),
  };
}

const adapterConfig = z.object({ base_model_name_or_path: z.string() });

/** The base model that PEFT names in an adapter's configuration. */
async function baseOf(directory: string): Promise<string | undefined> {
  const file = join(directory, 'adapter_config.json');
  if (!(await isFile(file))) {
    if (await isFile(join(directory, 'config.json'))) return undefined;
    throw unreadable(directory, 'there is neither a run here, nor an adapter, nor a model');
  }
  try {
    return adapterConfig.safeParse(JSON.parse(await readFile(file, 'utf8'))).data?.base_model_name_or_path;
  } catch (cause) {
    throw unreadable(file, 'the adapter configuration cannot be read', cause);
  }
}

function unreadable(where: string, what: string, cause?: unknown): RankscopeError {
  const remedy = 'Give the folder of a run, or of an adapter that PEFT wrote.';
  return new RankscopeError({ code: 'model', what, where, remedy }, { cause });
}

function isFile(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
