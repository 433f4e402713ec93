import { z } from 'zod';
import { parseJson } from '../../files/parseJson.ts';
import { RankscopeError } from '../../protocol/errors.ts';

const schema = z.object({
  /** Characters that count as a separator. */
  filters: z.string(),
  lower: z.boolean(),
  split: z.string().min(1),
  maxlen: z.number().int().positive(),
  padding: z.enum(['pre', 'post']),
  truncating: z.enum(['pre', 'post']),
  pad_id: z.number().int().nonnegative(),
  labels: z.array(z.string()).min(1),
  word_index: z.record(z.string(), z.number().int().nonnegative()),
});

/** A text as a classifier takes it. */
export interface EncodedText {
  readonly ids: readonly number[];
  /** Words of it that the model knows; of a text without any it sees nothing. */
  readonly known: number;
}

/** How a Keras text classifier turns a text into ids, and what its outputs mean. */
export interface KerasVocabulary {
  /** One name per output of the model. */
  readonly labels: readonly string[];
  /**
   * `maxlen` ids, padded and cut as the model was trained; words it does not know are dropped, as Keras' Tokenizer
   * does without an out-of-vocabulary token.
   */
  readonly encode: (text: string) => EncodedText;
  /** The id that stands before texts to fill them up; undefined where they are filled up behind. */
  readonly frontPadding: number | undefined;
}

/** Reads a vocabulary's JSON; throws `judge` with its place where a field is missing or of the wrong kind. */
export function parseKerasVocabulary(json: string, where: string): KerasVocabulary {
  const { filters, lower, split, word_index, labels, ...shape } = parseVocabulary(json, where);
  const separators = new Set(filters);
  const index = new Map(Object.entries(word_index));
  const encode = (text: string): EncodedText => {
    const cased = lower ? text.toLowerCase() : text;
    const words = Array.from(cased, (character) => (separators.has(character) ? split : character))
      .join('')
      .split(split);
    const ids = words.map((word) => index.get(word)).filter((id) => id !== undefined);
    return { ids: fit(ids, shape), known: ids.length };
  };
  return { labels, encode, frontPadding: shape.padding === 'pre' ? shape.pad_id : undefined };
}

interface Shape {
  readonly maxlen: number;
  readonly padding: 'pre' | 'post';
  readonly truncating: 'pre' | 'post';
  readonly pad_id: number;
}

function fit(ids: readonly number[], { maxlen, padding, truncating, pad_id }: Shape): readonly number[] {
  const kept = truncating === 'pre' ? ids.slice(-maxlen) : ids.slice(0, maxlen);
  const fill = new Array<number>(maxlen - kept.length).fill(pad_id);
  return padding === 'pre' ? [...fill, ...kept] : [...kept, ...fill];
}

function parseVocabulary(json: string, where: string): z.output<typeof schema> {
  try {
    return schema.parse(parseJson(json));
  } catch (error) {
    const what = `the vocabulary cannot be read: ${error instanceof z.ZodError ? z.prettifyError(error) : String(error)}`;
    const remedy = "Give the JSON of a Keras tokenizer's settings and word_index, with the model's labels.";
    throw new RankscopeError({ code: 'judge', what, where, remedy }, { cause: error });
  }
}
