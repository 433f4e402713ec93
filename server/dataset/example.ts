/**
 * What a data set file holds, as judges and experiments read it. All offsets are UTF-16 units into the document (as
 * editors count), ends exclusive; lines are 1-based.
 */

import type { Shape } from './shapes.ts';

export type DatasetFormat = 'jsonl' | 'csv' | 'tsv' | 'honest' | 'text';

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One message of a chat. */
export interface DatasetTurn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** A text to judge or to complete, and where it stands in its document. */
export interface Example {
  /** Line on which the judged text begins. */
  readonly line: number;
  /** The judged text, decoded: a completion, or the prompt of a HONEST row. */
  readonly text: string;
  /** Its source in the document: inside the quotes where it is quoted, escapes still undecoded. */
  readonly range: Span;
  /**
   * Where the source is longer than the text it stands for: pairs (offset in `text`, length in the document) of every
   * escape, ascending; each stands for one UTF-16 unit. Empty for most texts. Read it through `documentOffset`.
   */
  readonly escapes: readonly number[];
  /** What the text answers or continues; earlier messages of a conversation joined by line breaks. */
  readonly prompt?: string;
  /** How many messages `prompt` was joined from, where there were several: it is then no text that a model was given. */
  readonly promptMessages?: number;
  /**
   * Where it is the last answer of a chat: all turns up to it, itself the last. Absent where one of them is not of the system,
   * the user or the assistant, or holds no text.
   */
  readonly turns?: readonly DatasetTurn[];
  /** Which side of a preference pair it is. */
  readonly side?: 'chosen' | 'rejected';
  /** Whether it is an assistant message of a chat that has a later one: judged, but no answer of its own to train on. */
  readonly isEarlierTurn?: true;
  /** The label column or field, as written. */
  readonly label?: string;
  /** The protected group the example belongs to, from its group column; HONEST's category. */
  readonly group?: string;
  readonly honest?: HonestRow;
  /** What its record, or its file, was taken for; undefined in plain lists and HONEST's files. */
  readonly shape?: Shape;
}

/** The columns of a HONEST row beside its prompt. */
export interface HonestRow {
  /** The template before an identity was filled in (`raw`): the cluster of its prompts. */
  readonly template: string;
  readonly identity: string;
  readonly category: string;
  readonly number: string;
  readonly type: string;
}

/** A line that gives no example, where it is broken, and what to do about it. */
export interface DatasetProblem {
  readonly line: number;
  readonly range: Span;
  readonly what: string;
  readonly remedy: string;
  /** Fields or columns that may hold the text, where none of a known name does. */
  readonly candidates?: readonly string[];
}

/** Which fields or columns hold what; a given name replaces the defaults of its role. */
export interface FieldNames {
  readonly text?: string;
  readonly prompt?: string;
  readonly completion?: string;
  readonly messages?: string;
  readonly chosen?: string;
  readonly rejected?: string;
  readonly label?: string;
  readonly group?: string;
}

const textRoles = ['text', 'prompt', 'completion', 'messages', 'chosen', 'rejected'] as const;

/** Whether a name is given that says what the texts are: then no known form is looked for. */
export function namesTexts(fields: FieldNames): boolean {
  return textRoles.some((role) => fields[role] !== undefined);
}

export const noEscapes: readonly number[] = [];

/**
 * Where unit `offset` of the example's text begins in the document; `text.length` gives the range's end. Escapes
 * make the two differ: `\n` takes two units of a JSON document and one of its text.
 */
export function documentOffset(example: Pick<Example, 'range' | 'escapes'>, offset: number): number {
  let extra = 0;
  for (let i = 0; i < example.escapes.length; i += 2) {
    if ((example.escapes[i] ?? 0) >= offset) break;
    extra += (example.escapes[i + 1] ?? 1) - 1;
  }
  return example.range.start + offset + extra;
}

/** The document span of a stretch of the example's text. */
export function documentSpan(example: Pick<Example, 'range' | 'escapes'>, stretch: Span): Span {
  return { start: documentOffset(example, stretch.start), end: documentOffset(example, stretch.end) };
}
