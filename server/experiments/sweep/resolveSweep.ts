/** Reads a sweep file into a fully explicit sweep and its arms. */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { z } from 'zod';
import { resolveJudgeSpec } from '../../judges/resolveJudgeSpec.ts';
import { readPlainText } from '../../files/plainFile.ts';
import { errorDetails, RankscopeError } from '../../protocol/errors.ts';
import type { ClassificationSweep } from '../../protocol/classificationSweep.ts';
import { sweepFileSchema, type AnySweep } from '../../protocol/experiments.ts';
import type { ToxicitySweep } from '../../protocol/toxicitySweep.ts';
import { classificationArms } from './classificationArms.ts';
import { sweepArms } from './sweepArms.ts';
import { isTuned } from '../data/tuningGrid.ts';
import type { PlannedArm } from '../ports/trainerPort.ts';

export interface ResolvedSweep {
  /** Every default in place, every path absolute: itself a valid sweep file. */
  readonly sweep: AnySweep;
  readonly arms: readonly ResolvedArm[];
}

/** An arm and, in a classification sweep, the share of the minority's training examples that it sees. */
export type ResolvedArm = PlannedArm & { readonly minority?: number };

/** Throws RankscopeError('config') naming file, place in the file and remedy. */
export async function resolveSweep(file: string): Promise<ResolvedSweep> {
  const path = resolve(file);
  return resolveParsed(parseJson(await readText(path), path), path);
}

/** A sweep that has been read already; `path` is what relative paths are relative to and what errors name. */
export function resolveParsed(value: unknown, path: string): ResolvedSweep {
  const parsed = sweepFileSchema.safeParse(withSettings(value));
  if (!parsed.success) throw invalid(parsed.error.issues, path);
  const sweep = withAbsolutePaths(parsed.data, path);
  const kinds = sweepArms(sweep);
  const unknown = Object.keys(sweep.arms.init).find((id) => !kinds.some((arm) => arm.id === id));
  if (unknown !== undefined) {
    const ids = kinds.map(({ id }) => id).join(', ');
    throw fault(path, `arms.init.${unknown}`, 'there is no such arm', `The arms of this sweep are ${ids}.`);
  }
  if (sweep.arms.full && (sweep.weights === 'int8' || sweep.weights === 'int4')) {
    const what = `full fine-tuning trains the weights themselves, which "weights": "${sweep.weights}" rounds`;
    throw fault(path, 'arms.full', what, 'Set "full": false, or "weights": "fp16" or "fp32".');
  }
  if (sweep.experiment === 'toxicity' && sweep.settings === 'paper' && isTuned(sweep.arms.learningRate)) {
    const what = 'the paper has one learning rate for all arms, and tunes none';
    throw fault(path, 'arms.learningRate', what, 'Give a number, or leave "settings" out.');
  }
  if (kinds.length === 0) throw fault(path, 'arms', 'there is no arm', 'Give at least one rank, or set "full": true.');
  return { sweep, arms: sweep.experiment === 'toxicity' ? kinds : armsOfRates(sweep) };
}

/** The paper's settings (section 4.1, appendix C), where the sweep asks for them and says nothing else. */
const papersSettings = {
  arms: { learningRate: 5e-5, alpha: '2r' },
  training: { batchSize: 8, gradientAccumulation: 32 },
} as const;

function withSettings(value: unknown): unknown {
  if (!isObject(value) || value.settings !== 'paper') return value;
  const part = (name: 'arms' | 'training'): unknown => {
    const given = value[name] ?? {};
    return isObject(given) ? { ...papersSettings[name], ...given } : given;
  };
  return { ...value, arms: part('arms'), training: part('training') };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function armsOfRates(sweep: ClassificationSweep): readonly ResolvedArm[] {
  return classificationArms(sweep).flatMap(({ plans, minority }) =>
    plans.map((plan) => ({ ...plan, ...(minority !== undefined && { minority }) })),
  );
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

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
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
  return fault(
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

function fault(path: string, place: string, what: string, remedy: string): RankscopeError {
  return new RankscopeError({ code: 'config', what, where: place === '' ? path : `${path}, ${place}`, remedy });
}

function withAbsolutePaths(sweep: AnySweep, path: string): AnySweep {
  return sweep.experiment === 'toxicity' ? absoluteToxicity(sweep, path) : absoluteClassification(sweep, path);
}

/** What makes paths of a sweep file absolute; each throws where nothing stands at a path, naming its place. */
function absoluter(path: string) {
  const base = dirname(path);
  const file = (place: string, value: string): string => existing(resolve(base, value), path, place);
  const inFile = <T extends { readonly file: string; readonly more?: readonly string[] }>(
    place: string,
    value: T,
  ): T => ({
    ...value,
    file: file(`${place}.file`, value.file),
    ...(value.more && { more: value.more.map((other, i) => file(`${place}.more.${i}`, other)) }),
  });
  const fileOr = <T extends object>(place: string, value: T): T =>
    'file' in value ? inFile(place, value as T & { file: string }) : value;
  const init = <T extends ToxicitySweep['arms']>(arms: T): T => ({
    ...arms,
    init: Object.fromEntries(Object.entries(arms.init).map(([id, value]) => [id, file(`arms.init.${id}`, value)])),
  });
  return { base, file, inFile, fileOr, init };
}

function absoluteClassification(sweep: ClassificationSweep, path: string): ClassificationSweep {
  const { base, inFile, fileOr, init } = absoluter(path);
  const { data, arms } = sweep;
  return {
    ...sweep,
    model: modelReference(base, sweep.model, path, 'model'),
    data: { ...data, train: inFile('data.train', data.train), test: fileOr('data.test', data.test) },
    arms: init(arms),
  };
}

function absoluteToxicity(sweep: ToxicitySweep, path: string): ToxicitySweep {
  const { base, file, inFile, fileOr, init } = absoluter(path);
  const { data, arms, evaluation, judge } = sweep;
  return {
    ...sweep,
    model: modelReference(base, sweep.model, path, 'model'),
    data: {
      ...data,
      prompts: inFile('data.prompts', data.prompts),
      heldOut: fileOr('data.heldOut', data.heldOut),
      ...(data.pairs && { pairs: inFile('data.pairs', data.pairs) }),
      ...(data.counterfactuals && {
        counterfactuals: {
          ...data.counterfactuals,
          model: modelReference(base, data.counterfactuals.model, path, 'data.counterfactuals.model'),
        },
      }),
      ...(data.tune && { tune: fileOr('data.tune', data.tune) }),
      ...(data.heldOutPairs && { heldOutPairs: fileOr('data.heldOutPairs', data.heldOutPairs) }),
    },
    arms: init(arms),
    evaluation: {
      ...evaluation,
      ...(evaluation.hurtLex && { hurtLex: file('evaluation.hurtLex', evaluation.hurtLex) }),
    },
    judge: resolveJudgeSpec(
      judge,
      { file: (value, place) => file(place, value), model: (value, place) => modelReference(base, value, path, place) },
      'judge.',
    ),
  };
}

function existing(file: string, path: string, place: string): string {
  if (existsSync(file)) return file;
  throw fault(path, place, `there is no ${file}`, 'Paths are relative to the sweep file.');
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
