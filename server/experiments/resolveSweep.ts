/** Reads a sweep file into a fully explicit sweep and its arms. */
import { resolve } from 'node:path';
import type { z } from 'zod';
import { parseJson } from '../files/parseJson.ts';
import { readPlainText } from '../files/plainFile.ts';
import { errorDetails, RankscopeError } from '../protocol/errors.ts';
import { sweepFileSchema, type AnySweep } from '../protocol/sweep/experiments.ts';
import { experimentNamed, experimentOf } from './experiments.ts';
import type { CutArm } from './sweep/cutArms.ts';
import type { ResolvedArm } from './sweep/experiment.ts';
import { sweepArms } from './sweep/sweepArms.ts';
import { sweepFault, sweepPaths } from './sweep/sweepPaths.ts';

export type { ResolvedArm } from './sweep/experiment.ts';

export interface ResolvedSweep {
  /** Every default in place, every path absolute: itself a valid sweep file. */
  readonly sweep: AnySweep;
  readonly arms: readonly ResolvedArm[];
  /** Arms that are cut from these once they are trained. */
  readonly cuts: readonly CutArm[];
}

/** Throws RankscopeError('config') naming file, place in the file and remedy. */
export async function resolveSweep(file: string): Promise<ResolvedSweep> {
  const path = resolve(file);
  return resolveParsed(withNewSettings(parseSweep(await readText(path), path)), path);
}

/** A sweep that has been read already; `path` is what relative paths are relative to and what errors name. */
export function resolveParsed(value: unknown, path: string): ResolvedSweep {
  const parsed = sweepFileSchema.safeParse(withSettings(value));
  if (!parsed.success) throw invalid(parsed.error.issues, path);
  const experiment = experimentOf(parsed.data);
  const sweep = experiment.withPaths(parsed.data, sweepPaths(path));
  const kinds = sweepArms(sweep);
  const unknown = Object.keys(sweep.arms.init).find((id) => !kinds.some((arm) => arm.id === id));
  if (unknown !== undefined) {
    const ids = kinds.map(({ id }) => id).join(', ');
    throw sweepFault(path, `arms.init.${unknown}`, 'there is no such arm', `The arms of this sweep are ${ids}.`);
  }
  if (sweep.arms.full && (sweep.weights === 'int8' || sweep.weights === 'int4')) {
    const what = `full fine-tuning trains the weights themselves, which "weights": "${sweep.weights}" rounds`;
    throw sweepFault(path, 'arms.full', what, 'Set "full": false, or "weights": "fp16" or "fp32".');
  }
  if (kinds.length === 0) {
    throw sweepFault(path, 'arms', 'there is no arm', 'Give at least one rank, or set "full": true.');
  }
  const contradiction = experiment.contradiction?.(sweep);
  if (contradiction) throw sweepFault(path, contradiction.place, contradiction.what, contradiction.remedy);
  return { sweep, arms: experiment.arms(sweep), cuts: experiment.cuts?.(sweep) ?? [] };
}

/** What the experiment fills in itself, before the schema fills in its defaults. */
function withSettings(value: unknown): unknown {
  if (!isObject(value)) return value;
  return experimentNamed(value.experiment)?.withSettings?.(value) ?? value;
}

/** What a run that was stored without it does not have, and a new one has. */
function withNewSettings(value: unknown): unknown {
  if (!isObject(value)) return value;
  return experimentNamed(value.experiment)?.withNewSettings?.(value) ?? value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readText(path: string): Promise<string> {
  try {
    return await readPlainText(path);
  } catch (error) {
    throw new RankscopeError(
      {
        code: 'config',
        what: `the sweep file cannot be read: ${errorDetails(error).what}`,
        where: path,
        remedy: 'Check the path.',
      },
      { cause: error },
    );
  }
}

function parseSweep(text: string, path: string): unknown {
  try {
    return parseJson(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const what = `the sweep file is not JSON: ${errorDetails(error).what}`;
    throw new RankscopeError({ code: 'config', what, where: path, remedy: 'Correct the file.' }, { cause: error });
  }
}

/** The first fault in full, since later ones often follow from it, and the number of the others. */
function invalid(issues: readonly z.core.$ZodIssue[], path: string): RankscopeError {
  const [first, ...others] = issues;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  const { place, message } = deepest(first);
  return sweepFault(
    path,
    place,
    `${message}${more}`,
    'media/sweep.schema.json and docs/cli.md say what a sweep file may hold.',
  );
}

/** Of a value that fits none of several forms, what is wrong with the form it comes nearest to. */
function deepest(issue: z.core.$ZodIssue | undefined): { readonly place: string; readonly message: string } {
  if (issue === undefined) return { place: '', message: 'not a sweep' };
  const place = issue.path.map(String).join('.');
  if (issue.code !== 'invalid_union') return { place, message: issue.message };
  const branches = issue.errors.map((branch) => branch[0]).filter((branch) => branch !== undefined);
  const within =
    branches.find((branch) => branch.path.length > 0 || branch.code === 'unrecognized_keys') ?? branches[0];
  if (within === undefined) return { place, message: issue.message };
  const inner = deepest(within);
  return { place: [place, inner.place].filter((part) => part !== '').join('.'), message: inner.message };
}
