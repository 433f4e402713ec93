import { extname } from 'node:path';
import { honestNames } from './columns.ts';
import type { DatasetFormat } from './example.ts';

const byExtension: Readonly<Record<string, DatasetFormat>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'jsonl',
  '.parquet': 'jsonl',
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.txt': 'text',
  '.text': 'text',
};

/**
 * A file's format from its name, `.gz` left out, and the beginning of its text (see `readText`): a tab-separated file with HONEST's columns is `honest`; a file of
 * unknown extension is JSONL where it opens with a brace, or an array of objects, and otherwise a list of texts.
 */
export function detectFormat(path: string, text: string): DatasetFormat {
  const known = byExtension[extname(path.replace(/\.gz$/i, '')).toLowerCase()];
  const opening = text
    .slice(0, 4096)
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (known === 'tsv' || known === undefined) {
    const names = opening.split('\n', 1)[0]?.trim().split('\t') ?? [];
    if (honestNames.every((name) => names.includes(name))) return 'honest';
  }
  return known ?? (/^(?:\{|\[\s*\{)/.test(opening) ? 'jsonl' : 'text');
}
