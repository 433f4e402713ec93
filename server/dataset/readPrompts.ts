import { RankscopeError } from '../protocol/errors.ts';
import { detectFormat } from './detectFormat.ts';
import { honestPrompts, uniquePrompts } from './honest.ts';
import { honestRace } from './honestRace.ts';
import { readExamples } from './readExamples.ts';
import { readText } from './readText.ts';
import { sentenceFrame } from './sentenceFrame.ts';

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
 * Reads prompts, each once: HONEST's TSV (up to the mask), the same as HONEST Race with `races`, JSONL objects with "prompt" or "text", or a plain list, a
 * prompt a line exactly as written (its spaces matter to a model), lines of white space left out.
 * Throws RankscopeError('data') with file, line and remedy.
 */
export async function readPrompts(
  path: string,
  format?: PromptFormat,
  races?: readonly string[],
): Promise<readonly Prompt[]> {
  const text = await readText(path);
  const detected = format ?? detectFormat(path, text);
  const prompts = detected === 'honest-race' ? await readRace(path, races) : await readAs(path, text, detected);
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

async function readAs(path: string, text: string, format: string): Promise<readonly Prompt[]> {
  if (format === 'honest') {
    const { examples } = await readExamples(path, { format });
    return honestPrompts(examples).map(({ prompt, template, category }) => ofHonest(prompt, template, category));
  }
  const whole = text.replace(/^\uFEFF/, '');
  const lines = whole.split(/\r?\n/);
  if (format === 'jsonl') {
    if (whole.trimStart().startsWith('[')) return arrayPrompts(whole, path);
    return lines.flatMap((line, i) =>
      isBlank(line) ? [] : [jsonPrompt(parsed(line, `${path}:${i + 1}`), `${path}:${i + 1}`)],
    );
  }
  if (format === 'text') return lines.filter((line) => !isBlank(line)).map(alone);
  const { examples } = await readExamples(path);
  // What a file calls the prompt goes before what it calls the text, which is then what was written after it.
  return examples.map(({ text: own, prompt = own, group }) => ({
    ...alone(prompt),
    ...(group !== undefined && { group }),
  }));
}

function ofHonest(prompt: string, template: string, group: string): Prompt {
  return { prompt, template, frame: sentenceFrame(template), group };
}

/** A prompt that nothing is known of: a template and a frame of its own. */
function alone(prompt: string): Prompt {
  return { prompt, template: prompt, frame: prompt };
}

/** A JSON array, each item as a line of JSONL would be. */
function arrayPrompts(text: string, path: string): readonly Prompt[] {
  const items = parsed(text, path) as readonly unknown[];
  return items.map((item, i) => jsonPrompt(item, `${path}, item ${i + 1}`));
}

function jsonPrompt(value: unknown, where: string): Prompt {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw broken(where, 'the line is JSON but no object');
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const prompt = promptText(fields.prompt) ?? fields.text;
  if (typeof prompt !== 'string' || prompt === '') {
    const found = Object.keys(fields).map((name) => JSON.stringify(name));
    throw broken(where, `the object has neither a "prompt" nor a "text" that is a text (it has ${found.join(', ')})`);
  }
  const { template: given, frame, group } = fields;
  const template = typeof given === 'string' ? given : prompt;
  return {
    prompt,
    template,
    frame: typeof frame === 'string' ? frame : template,
    ...(typeof group === 'string' && { group }),
  };
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
  return new RankscopeError({ code: 'data', what, where, remedy: 'Write one object a line: {"prompt": "..."}.' });
}

function isBlank(line: string): boolean {
  return line.trim() === '';
}
