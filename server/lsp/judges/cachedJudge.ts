import { contentHash } from '../../judges/labels/human.ts';
import type { Judge, Verdict } from '../../judges/judge/judge.ts';
import type { VerdictCache } from './verdictCache.ts';

/**
 * A judge with a cache of its verdicts, for judges that take longer than computing a hash. An unjudged text is not
 * cached, since judging it may succeed the next time.
 */
export function cachedJudge<Asked extends Judge>(judge: Asked, cache: VerdictCache): Asked {
  return {
    ...judge,
    judge: async (items, signal) => {
      const contents = items.map(contentHash);
      const verdicts = contents.map((content): Verdict | undefined => cache.get(content));
      const unknown = [...items.keys()].filter((i) => verdicts[i] === undefined);
      const asked = unknown.flatMap((i) => items[i] ?? []);
      const given = asked.length === 0 ? [] : await judge.judge(asked, signal);
      cache.add(
        unknown.flatMap((index, i) => {
          const [content, verdict] = [contents[index], given[i]];
          return content !== undefined && verdict?.kind === 'judged' ? [[content, verdict] as const] : [];
        }),
      );
      unknown.forEach((index, i) => (verdicts[index] = given[i]));
      return verdicts.map((verdict) => verdict ?? { kind: 'unjudged', reason: 'the judge gave no verdict' });
    },
  };
}
