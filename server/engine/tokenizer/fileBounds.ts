/** Bounds what a tokenizer.json makes its reader do: rows of a table, and patterns that it brings. */
import {
  ReplaceDecoder,
  ReplaceNormalizer,
  ReplacePreTokenizer,
  SequenceDecoder,
  SequenceNormalizer,
  SequencePreTokenizer,
  SplitPreTokenizer,
  type Tokenizer,
} from '@huggingface/tokenizers';
import { WorkWithoutEnd, withinTime } from '../../files/boundedTime.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { JsonObject } from '../weights/checkpoint.ts';
import { plainPatterns } from './splitPatterns.ts';

/** One more than the largest token id that is read. The largest known vocabulary has 262,144 tokens. */
const MOST_IDS = 2 ** 22;

/** Letters of the longest word that WordPiece may be asked to divide, which takes their square in steps. Models have 100. */
const LONGEST_WORD = 1000;

/**
 * Throws RankscopeError('tokenizer') naming a token whose id is no row of a table of usual size, and any other number that
 * would make reading a text take without end.
 */
export function assertBounded(tokenizer: JsonObject): void {
  const { vocab, max_input_chars_per_word: longest } = objectOf(tokenizer.model);
  if (!Array.isArray(vocab)) for (const [token, id] of Object.entries(objectOf(vocab))) assertId(token, id);
  const added = Array.isArray(tokenizer.added_tokens) ? (tokenizer.added_tokens as readonly unknown[]) : [];
  for (const token of added.map(objectOf)) assertId(String(token.content), token.id);
  if (longest !== undefined && !isWithin(longest, 1, LONGEST_WORD)) {
    throw unfit(`its "max_input_chars_per_word" is ${JSON.stringify(longest)}; up to ${LONGEST_WORD} is read`);
  }
  for (const step of stepsOf(tokenizer.pre_tokenizer)) {
    if (step.type === 'FixedLength' && !isWithin(step.length, 1, MOST_IDS))
      throw unfit(`its FixedLength step has the length ${JSON.stringify(step.length)}`);
  }
}

function assertId(token: string, id: unknown): void {
  if (isWithin(id, 0, MOST_IDS - 1)) return;
  throw unfit(`the id of its token ${JSON.stringify(token.slice(0, 60))} is ${JSON.stringify(id)}`);
}

/** A pre-tokenizer and the steps that it is a sequence of. */
function stepsOf(step: unknown): readonly JsonObject[] {
  const own = objectOf(step);
  const inner = Array.isArray(own.pretokenizers) ? (own.pretokenizers as readonly unknown[]) : [];
  return [own, ...inner.flatMap(stepsOf)];
}

const isWithin = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

const objectOf = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null ? (value as JsonObject) : {};

type Step = object | null | undefined;

/** Whether the tokenizer uses a pattern of its file that is not known to be quick on every text. */
export function hasForeignPattern({ normalizer, pre_tokenizer: pre, decoder }: Tokenizer): boolean {
  return [normalizer, pre, decoder].some(isForeign);
}

function isForeign(step: Step): boolean {
  if (step instanceof SequenceNormalizer) return step.normalizers.some(isForeign);
  if (step instanceof SequencePreTokenizer) return step.tokenizers.some(isForeign);
  if (step instanceof SequenceDecoder) return step.decoders.some(isForeign);
  const isPattern =
    step instanceof SplitPreTokenizer ||
    step instanceof ReplacePreTokenizer ||
    step instanceof ReplaceNormalizer ||
    step instanceof ReplaceDecoder;
  if (!isPattern) return false;
  const { Regex: source } = objectOf(objectOf(step.config).pattern);
  return typeof source === 'string' && !plainPatterns.has(source);
}

/** Letters that any tokenizer reads in a millisecond, on a slow machine that does other things as well. */
const LETTERS_A_MILLISECOND = 10;

/**
 * Runs `work`, which uses patterns of the file on a text of so many letters. Throws RankscopeError('tokenizer') where they do
 * not come to an end.
 */
export function withPatternsBounded<T>(work: () => T, letters: number): T {
  try {
    return withinTime(work, 2000 + Math.ceil(letters / LETTERS_A_MILLISECOND));
  } catch (error) {
    if (!(error instanceof WorkWithoutEnd)) throw error;
    throw unfit(`a pattern of it does not come to an end on a text (${error.message})`, error);
  }
}

function unfit(what: string, cause?: unknown): RankscopeError {
  const remedy = 'Use the tokenizer.json that came with the model, or have its pattern corrected.';
  return new RankscopeError({ code: 'tokenizer', what: `${what}.`, where: 'tokenizer.json', remedy }, { cause });
}
