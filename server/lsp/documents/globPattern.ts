import { relative, sep } from 'node:path';

/**
 * Whether a path matches a glob as editors write them: `*` and `?` within a name, `**` over folders, `{a,b}` either. A
 * pattern without `/` is matched with the file's name alone, another with its path from the workspace folder. The time
 * grows with the lengths of both alone, since a workspace brings patterns of its own.
 */
export function matchesGlob(pattern: string, path: string, folder: string | undefined): boolean {
  const inFolder = folder === undefined ? path : relative(folder, path);
  const slashed = inFolder.split(sep).join('/').replace(/^\//, '');
  const subject = pattern.includes('/') ? slashed : slashed.slice(slashed.lastIndexOf('/') + 1);
  return placesAfter(pattern.replace(/^\//, ''), subject, new Set([0])).has(subject.length);
}

/** Places in `subject` at which a part of a match can end. */
type Places = ReadonlySet<number>;

/** Where a match of the pattern can end that begins at one of `from`. */
function placesAfter(pattern: string, subject: string, from: Places): Places {
  const tokens = pattern.match(/\*\*\/|\*\*|\{[^{}]*\}|[^]/g) ?? [];
  return tokens.reduce((places, token) => placesAfterToken(token, subject, places), from);
}

function placesAfterToken(token: string, subject: string, from: Places): Places {
  if (token === '**/') {
    const isAfterFolder = (at: number): boolean => from.has(at) || subject[at - 1] === '/';
    return new Set([...spread(subject, from, () => true)].filter(isAfterFolder));
  }
  if (token === '**') return spread(subject, from, () => true);
  if (token === '*') return spread(subject, from, (letter) => letter !== '/');
  if (token.length > 1) {
    const choices = token.slice(1, -1).split(',');
    return new Set(choices.flatMap((choice) => [...placesAfter(choice, subject, from)]));
  }
  const fits = (at: number): boolean =>
    at < subject.length && (token === '?' ? subject[at] !== '/' : subject[at] === token);
  return new Set([...from].filter(fits).map((at) => at + 1));
}

/** The places themselves, and those that are reached over letters that pass. */
function spread(subject: string, from: Places, passes: (letter: string) => boolean): Places {
  const reached = new Set(from);
  for (let at = 0; at < subject.length; at++) {
    if (reached.has(at) && passes(subject[at] ?? '')) reached.add(at + 1);
  }
  return reached;
}
