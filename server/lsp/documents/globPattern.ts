import { relative, sep } from 'node:path';

/**
 * Whether a path matches a glob as editors write them: `*` and `?` within a name, `**` over folders, `{a,b}` either. A
 * pattern without `/` is matched with the file's name alone, another with its path from the workspace folder.
 */
export function matchesGlob(pattern: string, path: string, folder: string | undefined): boolean {
  const inFolder = folder === undefined ? path : relative(folder, path);
  const slashed = inFolder.split(sep).join('/').replace(/^\//, '');
  const subject = pattern.includes('/') ? slashed : slashed.slice(slashed.lastIndexOf('/') + 1);
  return new RegExp(`^${expressionOf(pattern.replace(/^\//, ''))}$`).test(subject);
}

function expressionOf(pattern: string): string {
  const tokens = pattern.match(/\*\*\/|\*\*|\{[^{}]*\}|[^]/g) ?? [];
  return tokens.map(partOf).join('');
}

function partOf(token: string): string {
  if (token === '**/') return '(?:.*/)?';
  if (token === '**') return '.*';
  if (token === '*') return '[^/]*';
  if (token === '?') return '[^/]';
  const isChoice = token.length > 1;
  if (isChoice) return `(?:${token.slice(1, -1).split(',').map(expressionOf).join('|')})`;
  return token.replace(/[\\^$.|+()[\]{}]/, String.raw`\$&`);
}
