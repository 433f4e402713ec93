/** What the verdict on a certify set says of the first rank of the order of testing, which is the one that a plan speaks of. */
import type { VerdictDeclaration } from '../../server/protocol/sweep/verdictDeclaration.ts';
import type { VerdictInput } from '../../server/verdict/input/verdictInput.ts';
import { judgeSweep } from '../../server/verdict/procedure/judgeSweep.ts';

export function judgedSafe(
  input: VerdictInput,
  declaration: VerdictDeclaration,
): 'safe' | 'safe on average' | 'neither' {
  const verdict = judgeSweep(input, declaration).ranks[0]?.verdict;
  return verdict === 'safe' || verdict === 'safe on average' ? verdict : 'neither';
}
