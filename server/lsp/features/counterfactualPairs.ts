import { stat } from 'node:fs/promises';
import { readExamples } from '../../dataset/readExamples.ts';
import { errorDetails } from '../../protocol/errors.ts';

/** What is known of a text's counterfactuals, or why nothing is. */
export interface Counterfactuals {
  readonly texts: readonly string[];
  readonly fault?: string;
}

/** Counterfactuals out of files of pairs, each read once for as long as it stays the same. */
export interface CounterfactualPairs {
  /** Those that a file gives for a prompt, or for a text that follows none; the text itself is none of them. */
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

/** Files differ in the space around a prompt. */
function keyOf(prompt: string): string {
  return prompt.trim();
}
