import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { modelConfig, parameterCount, shape } from './modelConfig.ts';
import { demoCorpus, generateCorpus } from './grammar.ts';
import { tokenizerFiles, type TokenizerJson } from './tokenizerFiles.ts';
import { trainBpe } from './trainBpe.ts';

/** Where the demo model lies: examples/demo/model. */
export const modelFolder = path.join(import.meta.dirname, '../../examples/demo/model');

/** The demo model's tokenizer, learned from its corpus: `shape.vocabulary` tokens with <|endoftext|>, or fewer. */
export function demoTokenizer(corpus: readonly string[]): TokenizerJson {
  return tokenizerFiles(trainBpe(corpus, shape.vocabulary - 1), shape.positions);
}

/** Writes tokenizer.json, tokenizer_config.json and config.json into `folder`; returns the number of tokens. */
export function writeTokenizer(files: TokenizerJson, folder: string): number {
  const vocabulary = vocabularySize(files);
  const write = (name: string, content: unknown): void =>
    writeFileSync(path.join(folder, name), `${JSON.stringify(content, undefined, 1)}\n`);
  mkdirSync(folder, { recursive: true });
  write('tokenizer.json', files.tokenizer);
  write('tokenizer_config.json', files.config);
  write('config.json', modelConfig(vocabulary));
  return vocabulary;
}

function vocabularySize({ tokenizer }: TokenizerJson): number {
  return Object.keys((tokenizer.model as { readonly vocab: object }).vocab).length;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const vocabulary = writeTokenizer(demoTokenizer(generateCorpus(demoCorpus)), modelFolder);
  console.log(`${vocabulary} tokens, ${parameterCount(vocabulary)} parameters -> ${modelFolder}`);
}
