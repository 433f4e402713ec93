import { RankscopeError } from '../protocol/errors.ts';
import { nameColumns } from './columns.ts';
import { detectFormat } from './detectFormat.ts';
import { type Example, type FieldNames, namesTexts } from './example.ts';
import { honestPrompts, uniquePrompts } from './honest.ts';
import { honestRace } from './honestRace.ts';
import { jsonLine } from './jsonLine.ts';
import type { LineSource } from './lineSource.ts';
import { isObject } from './messages.ts';
import { assertNoColumns, readExamples } from './readExamples.ts';
import { jsonRecords } from './readRows.ts';
import { readText } from './readText.ts';
import { sentenceFrame } from './sentenceFrame.ts';
import { recordShape } from './shapedRecord.ts';
import { winoBiasSentence } from './winoBias.ts';

/** A text to complete, and what its prompts have in common with others. */
export interface Prompt {
  readonly prompt: string;
  /** What it was made from: HONEST's template, a JSONL line's "template", or the prompt itself. */
  readonly template: string;
  /** Its sentence in any grammatical number: prompts of one frame are one cluster. HONEST's are derived; else the template. */
  readonly frame: string;
  /** HONEST's category, or a JSONL line's "group". */
  readonly group?: string;
}

export type PromptFormat = 'honest' | 'honest-race' | 'jsonl' | 'text';

/**
 * Reads prompts, each once: HONEST's TSV (up to the mask), the same as HONEST Race with `races`, JSON objects with "prompt" or
 * "text", data sets of the forms in `shapes.ts`, tables, or a plain list, a prompt a line exactly as written (its spaces matter
 * to a model), lines of white space left out. What a file calls the prompt goes before what it calls the text. Throws
 * RankscopeError('data') with file, line and remedy.
 */
export async function readPrompts(
  path: string,
  format?: PromptFormat,
  races?: readonly string[],
  fields: FieldNames = {},
): Promise<readonly Prompt[]> {
  const text = await readText(path);
  const detected = format ?? detectFormat(path, text);
  const prompts = detected === 'honest-race' ? await readRace(path, races) : await readAs(path, text, detected, fields);
  if (prompts.length > 0) return uniquePrompts(prompts);
  throw new RankscopeError({
    code: 'data',
    what: 'there are no prompts in the file',
    where: path,
    remedy: 'Give a file with at least one prompt.',
  });
}

/** Throws RankscopeError('data') for a file without rows of a binary gender, which has nothing to be made from. */
async function readRace(path: string, races: readonly string[] | undefined): Promise<readonly Prompt[]> {
  const { examples } = await readExamples(path, { format: 'honest' });
  const prompts = honestRace(honestPrompts(examples), races);
  if (prompts.length > 0) return prompts.map(({ prompt, template, race }) => ofHonest(prompt, template, race));
  throw new RankscopeError({
    code: 'data',
    what: 'no row of the file is of the category female or male',
    where: path,
    remedy: "HONEST Race is made from HONEST's binary file.",
  });
}

async function readAs(path: string, text: string, format: string, fields: FieldNames): Promise<readonly Prompt[]> {
  if (format === 'honest' || format === 'text') assertNoColumns(path, format, fields);
  if (format === 'honest') {
    const { examples } = await readExamples(path, { format });
    return honestPrompts(examples).map(({ prompt, template, category }) => ofHonest(prompt, template, category));
  }
  if (format === 'jsonl') return [...jsonPrompts(text, path, fields)];
  if (format === 'text')
    return text
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .flatMap(linePrompt);
  // Of a table only the column of the prompt is wanted, where it is named.
  const { prompt, ...others } = fields;
  const asked = prompt === undefined ? fields : { ...others, text: prompt };
  const { examples } = await readExamples(path, { fields: asked });
  return examples.map((example) => (namesTexts(fields) ? ofNamed(example) : ofExample(example)));
}

function linePrompt(line: string): readonly Prompt[] {
  return isBlank(line) ? [] : [alone(winoBiasSentence(line)?.text ?? line)];
}

/** What a file calls the prompt goes before what it calls the text, which is then what was written after it. */
function ofExample({ text, prompt = text, group }: Example): Prompt {
  return { ...alone(prompt), ...(group !== undefined && { group }) };
}

/** Of a text whose column was named. */
function ofNamed({ text, group }: Example): Prompt {
  return { ...alone(text), ...(group !== undefined && { group }) };
}

function* jsonPrompts(text: string, path: string, fields: FieldNames): Generator<Prompt> {
  for (const source of jsonRecords(text)) {
    const where = `${path}:${source.line}`;
    if ('what' in source) throw new RankscopeError({ code: 'data', what: source.what, where, remedy: source.remedy });
    if (isBlank(source.text)) continue;
    const record = parsed(source.text, where);
    const isPublished = recordShape(record, fields) !== undefined;
    if (isPublished || isAnswered(record, fields, source)) yield* shapedPrompts(source, where, fields);
    else yield jsonPrompt(record, where, fields);
  }
}

/** Whether a record without a prompt of its own has answers to single ones: an instruction, or the one turn before it. */
function isAnswered(record: unknown, fields: FieldNames, source: LineSource): boolean {
  if (!isObject(record) || givenPrompt(record, fields) !== undefined) return false;
  const { examples } = jsonLine(source, fields);
  return examples.length > 0 && examples.every(({ prompt, promptMessages }) => prompt !== undefined && !promptMessages);
}

function shapedPrompts(source: LineSource, where: string, fields: FieldNames): readonly Prompt[] {
  const { examples, problems } = jsonLine(source, fields);
  const [fault] = problems;
  if (fault) throw new RankscopeError({ code: 'data', what: fault.what, where, remedy: fault.remedy });
  return examples.map(ofExample);
}

function ofHonest(prompt: string, template: string, group: string): Prompt {
  return { prompt, template, frame: sentenceFrame(template), group };
}

/** A prompt that nothing is known of: a template and a frame of its own. */
function alone(prompt: string): Prompt {
  return { prompt, template: prompt, frame: prompt };
}

function jsonPrompt(value: unknown, where: string, fields: FieldNames): Prompt {
  if (!isObject(value)) throw broken(where, 'the line is JSON but no object');
  const prompt = givenPrompt(value, fields);
  if (typeof prompt !== 'string' || prompt === '') {
    const wanted = fields.prompt ?? fields.text;
    const found = Object.keys(value).map((name) => JSON.stringify(name));
    const names = wanted === undefined ? 'neither a "prompt" nor a "text"' : `no ${JSON.stringify(wanted)}`;
    throw broken(where, `the object has ${names} that is a text (it has ${found.join(', ')})`);
  }
  const { template: given, frame } = value;
  const group = value[fields.group ?? 'group'];
  const template = typeof given === 'string' ? given : prompt;
  return {
    prompt,
    template,
    frame: typeof frame === 'string' ? frame : template,
    ...(typeof group === 'string' && { group }),
  };
}

/** By the name that was given, else "prompt", else "text". */
function givenPrompt(record: Readonly<Record<string, unknown>>, { prompt, text }: FieldNames): unknown {
  const named = prompt ?? text;
  return named === undefined ? (promptText(record.prompt) ?? record.text) : promptText(record[named]);
}

/** A text, or an object with one, as RealToxicityPrompts has it. */
function promptText(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'text' in value ? value.text : value;
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw broken(where, `it is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function broken(where: string, what: string): RankscopeError {
  return new RankscopeError({
    code: 'data',
    what,
    where,
    remedy: `Write one object a line: {"prompt": "..."}, or name the field. ${nameColumns}`,
  });
}

function isBlank(line: string): boolean {
  return line.trim() === '';
}
