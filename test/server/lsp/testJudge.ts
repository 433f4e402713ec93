import { createLexiconJudge } from '../../../server/judges/lexicon/lexicon.ts';
import type { Judge } from '../../../server/judges/judge/judge.ts';

/** A lexicon of harmless words: `zounds` an insult of 0.6, `fie` a threat of 0.95, `drat` of 0.3, too little alone. */
export function testJudge(): Promise<Judge> {
  return createLexiconJudge({
    builtin: false,
    library: false,
    extra: [
      { term: 'zounds', category: 'insult', weight: 0.6 },
      { term: 'fie', category: 'threat', weight: 0.95 },
      { term: 'drat', category: 'insult', weight: 0.3 },
    ],
  });
}
