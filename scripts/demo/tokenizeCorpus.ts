import type { Tokenizer } from '../../server/engine/tokenizer/tokenizer.ts';
import { shape } from './modelConfig.ts';
import { endOfText } from './tokenizerFiles.ts';

/** One document in this many also begins with <|endoftext|>, so that the model can start a text of its own. */
const OPENED = 4;

/** Ids of each document, ended by <|endoftext|>; at most `shape.positions` of them. */
export function tokenizeCorpus(corpus: readonly string[], tokenizer: Tokenizer): number[][] {
  return corpus.map((text, i) => {
    const ids = tokenizer.encode(`${i % OPENED === 0 ? endOfText : ''}${text}${endOfText}`);
    return ids.slice(0, shape.positions);
  });
}
