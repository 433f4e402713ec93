import type { Example } from '../../dataset/example.ts';
import type { Judge, Verdict } from '../../judges/judge/judge.ts';
import { failed } from '../../judges/judge/judgeInBatches.ts';
import type { EditorLimits } from '../../protocol/messages/editor.ts';

/** Most texts get this verdict. They share one object, since two hundred thousand copies would take memory. */
const clean: Verdict = Object.freeze({ kind: 'judged', score: 0, toxic: false, categories: {}, evidence: [] });

/**
 * Judges some examples and returns the verdicts in the order of the indices. Texts that are longer than the limit
 * stay unjudged. Where the judge throws, all of them are unjudged with its reason. Only a cancellation rejects.
 */
export async function judgeSome(
  indices: readonly number[],
  examples: readonly Example[],
  judge: Judge,
  limits: Pick<EditorLimits, 'textLength'>,
  signal: AbortSignal,
): Promise<readonly Verdict[]> {
  const items = indices.flatMap((index) => examples[index] ?? []);
  const short = items.filter(({ text }) => text.length <= limits.textLength);
  const given = await ask(judge, short, signal);
  let next = 0;
  return items.map(({ text }) =>
    text.length > limits.textLength
      ? { kind: 'unjudged', reason: `the text has ${text.length} characters; the limit is ${limits.textLength}` }
      : interned(given[next++]),
  );
}

async function ask(judge: Judge, items: readonly Example[], signal: AbortSignal): Promise<readonly Verdict[]> {
  try {
    return await judge.judge(items, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return items.map(() => failed(error));
  }
}

function interned(verdict: Verdict | undefined): Verdict {
  if (verdict === undefined) return { kind: 'unjudged', reason: 'the judge gave no verdict' };
  const plain =
    verdict.kind === 'judged' &&
    verdict.score === 0 &&
    !verdict.toxic &&
    verdict.why === undefined &&
    verdict.evidence.length === 0 &&
    Object.keys(verdict.categories).length === 0;
  return plain ? clean : verdict;
}
