import type { JudgeSpec } from '../protocol/judgeSpec.ts';
import type { Judge } from './judge.ts';
import { createLexiconJudge } from './lexicon.ts';

/** The judge a specification names; its paths are already resolved. Throws what building that judge throws. */
export function createJudge(spec: JudgeSpec): Promise<Judge> {
  return createLexiconJudge({ hurtLex: spec.hurtLex });
}
