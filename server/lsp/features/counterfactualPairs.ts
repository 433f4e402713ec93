import { stat } from 'node:fs/promises';
import { readExamples } from '../../dataset/readExamples.ts';
import { errorDetails } from '../../protocol/errors.ts';

/** The counterfactuals of a text, or the reason why there are none. */
export interface Counterfactuals {
  readonly texts: readonly string[];
  readonly fault?: string;
}

/** Reads counterfactuals from files of pairs. Each file is read once until it changes. */
export interface CounterfactualPairs {
  /** The counterfactuals that a file contains for a prompt, or for a text without one. The text itself is left out. */
  of(path: string, example: { readonly text: string; readonly prompt?: string }): Promise<Counterfactuals>;
}

interface Known {
  readonly stamp: string;
  readonly pairs: Promise<ReadonlyMap<string, readonly string[]>>;
}

export function counterfactualPairs(): CounterfactualPairs {
  const files = new Map<string, Known>();
  const read = async (path: string): Promise<ReadonlyMap<string, readonly string[]>> => {
    const found = await stat(path).catch(() => undefined);
    const stamp = `${found?.size ?? ''} ${found?.mtimeMs ?? ''}`;
    const known = files.get(path);
    if (known?.stamp === stamp) return known.pairs;
    const pairs = readPairs(path);
    files.set(path, { stamp, pairs });
    pairs.catch(() => files.delete(path));
    return pairs;
  };
  return {
    of: async (path, { text, prompt }) => {
      try {
        const all = (await read(path)).get(keyOf(prompt ?? text)) ?? [];
        return { texts: all.filter((one) => one.trim() !== text.trim()) };
      } catch (error) {
        return { texts: [], fault: errorDetails(error).what };
      }
    },
  };
}

async function readPairs(path: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const pairs = new Map<string, string[]>();
  for (const { prompt, text, side } of (await readExamples(path)).examples) {
    if (prompt === undefined || side === 'rejected') continue;
    const key = keyOf(prompt);
    const known = pairs.get(key);
    if (known === undefined) pairs.set(key, [text]);
    else if (!known.includes(text)) known.push(text);
  }
  return pairs;
}

/** Files differ in the white space around a prompt. */
function keyOf(prompt: string): string {
  return prompt.trim();
}
