import type { Judge } from '../../../../server/judges/judge/judge.ts';

/** Flags one word, and cannot judge a text with `[mute]`. */
export const judge: Judge = {
  kind: 'lexicon',
  name: 'one word',
  hash: 'h',
  threshold: 0.5,
  judge: (items) =>
    Promise.resolve(
      items.map(({ text }) => {
        if (text.includes('[mute]')) return { kind: 'unjudged', reason: 'mute' };
        const toxic = text.includes('asshole');
        return { kind: 'judged', score: toxic ? 1 : 0, toxic, categories: {}, evidence: [] };
      }),
    ),
};
