/** Which judge a command line names: the options of `judge` and `agreement`. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { resolveJudgeSpec } from '../../judges/resolveJudgeSpec.ts';
import { parseJson } from '../../files/parseJson.ts';
import { errorDetails, RankscopeError } from '../../protocol/errors.ts';
import { judgeKinds, type JudgeKind } from '../../protocol/sweep/judgeKinds.ts';
import { judgeSpec, type JudgeSpec } from '../../protocol/sweep/judgeSpec.ts';
import type { Options, Values } from './command.ts';
import { choiceOf, numberOf, textOf, textsOf, usage } from './values.ts';

type Kinds = Readonly<Record<string, JudgeKind>>;

/** Width of a line of help, characters. */
const widest = 105;

const rules = ['first', 'any', 'all', 'majority', 'mean'] as const;

export const judgeOptions: Options = {
  judge: { type: 'string', multiple: true },
  rule: { type: 'string' },
  threshold: { type: 'string' },
  label: { type: 'string' },
  hurtlex: { type: 'string' },
};

export const judgeHelp: readonly (readonly [string, string])[] = [
  ...helpOf(judgeKinds).map((line, i) => [i === 0 ? '--judge J' : '', line] as const),
  ['', 'a JSON object, or @FILE with one (default: lexicon)'],
  ['', 'several are combined: a human goes before all others, which then decide by --rule'],
  ['--rule R', `${rules.join(', ')}: how several judges become one (default: first)`],
  ['--threshold X', 'score at and above which a text is toxic (default: 0.5); of several judges, with --rule mean'],
  ['--label NAME', "the classifier's label whose probability is the score"],
  ['--hurtlex FILE', 'the same as --judge lexicon:FILE'],
];

/** The judge that the options name, with absolute paths. Throws `usage`, and `config` for a file that holds no judge. */
export async function judgeOf(values: Values): Promise<JudgeSpec> {
  const given = textsOf(values, 'judge');
  const hurtLex = textOf(values, 'hurtlex');
  if (hurtLex !== undefined && given.length > 0) throw usage('--hurtlex and --judge exclude each other');
  const named = hurtLex === undefined ? given : [`lexicon:${hurtLex}`];
  const specs = await Promise.all((named.length === 0 ? ['lexicon'] : named).map(readJudge));
  const changes = {
    threshold: numberOf(values, 'threshold', { least: 0, most: 1, whole: false }),
    label: textOf(values, 'label'),
  };
  const rule = choiceOf(values, 'rule', rules);
  const [first] = specs;
  if (specs.length === 1 && first !== undefined) {
    if (rule !== undefined) throw usage('--rule is for several judges');
    return checked({ ...first, ...defined(changes) }, '--judge');
  }
  if (changes.label !== undefined) throw usage('--label is for one judge: give it in the JSON of the judge');
  return checked({ kind: 'combined', judges: specs, ...defined({ rule, threshold: changes.threshold }) }, '--judge');
}

async function readJudge(text: string): Promise<JudgeSpec> {
  if (text.startsWith('{')) return absolute(checked(parseJudge(text, '--judge'), '--judge'), '.');
  if (text.startsWith('@')) {
    const path = text.slice(1);
    return absolute(checked(parseJudge(await readSpec(path), path), path), dirname(path));
  }
  return absolute(checked(shortForm(text), '--judge'), '.');
}

/** Parses `KIND` or `KIND:REST`; the kind decides what REST means. Throws `usage`. */
export function shortForm(text: string, kinds: Kinds = judgeKinds): unknown {
  const [, kind = text, rest] = /^([a-z-]+):(.+)$/s.exec(text) ?? [];
  const form = kinds[kind]?.shortForm;
  if (form === undefined && rest !== undefined) throw usage(`--judge "${text}" is of no known kind`);
  const spec = form?.read(rest);
  if (spec === undefined) throw usage(`--judge "${text}" names no judge`);
  return spec;
}

/** The short forms of all kinds, as many on each line as fit. */
export function helpOf(kinds: Kinds): readonly string[] {
  const forms = Object.values(kinds).flatMap(({ shortForm: form }) => (form ? [`${form.help},`] : []));
  return forms.reduce<readonly string[]>((lines, form) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + form.length > widest) return [...lines, form];
    return [...lines.slice(0, -1), `${last} ${form}`];
  }, []);
}

/** Makes paths absolute, starting from a folder. A model that is not on the disk may be a hub id and stays as it is. */
function absolute(spec: JudgeSpec, folder: string): JudgeSpec {
  return resolveJudgeSpec(spec, {
    file: (path) => resolve(folder, path),
    model: (reference) => {
      const path = resolve(folder, reference);
      return existsSync(path) || /^[.~/]/.test(reference) ? path : reference;
    },
  });
}

function checked(value: unknown, where: string): JudgeSpec {
  const result = judgeSpec.safeParse(value);
  if (result.success) return result.data;
  const what = `this is no judge: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`;
  throw new RankscopeError({ code: 'usage', what, where, remedy: 'docs/judges.md tells what a judge may be.' });
}

function parseJudge(text: string, where: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    const what = `the judge is no JSON: ${errorDetails(error).what}`;
    throw new RankscopeError({ code: 'usage', what, where, remedy: 'Correct it.' }, { cause: error });
  }
}

async function readSpec(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    const what = `the judge's file cannot be read: ${errorDetails(error).what}`;
    throw new RankscopeError({ code: 'config', what, where: path, remedy: 'Check the path.' }, { cause: error });
  });
}

function defined(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
