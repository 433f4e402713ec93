/**
 * The BPE merges that a SentencePiece vocabulary implies: every token can arise from any two tokens that join to it, and
 * the higher its score the earlier. Order of ties as in Transformers' `generate_merges`: longer left part first, then
 * longer right part, then the order of the vocabulary.
 *
 * `scores` has one value per token. Returns [left, right] pairs, first merge first.
 */
export function mergesFromScores(tokens: readonly string[], scores: readonly number[]): [string, string][] {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges = [...ids].flatMap(([token, id]) => splits(token, ids, scores[id] ?? 0));
  merges.sort((a, b) => b.score - a.score || b.leftLength - a.leftLength || b.rightLength - a.rightLength);
  return merges.map(({ left, right }) => [left, right]);
}

interface Merge {
  readonly left: string;
  readonly right: string;
  readonly score: number;
  /** In code points, as Python counts. */
  readonly leftLength: number;
  readonly rightLength: number;
}

function splits(token: string, ids: ReadonlyMap<string, number>, score: number): Merge[] {
  const characters = Array.from(token);
  const found: (Merge & { readonly leftId: number; readonly rightId: number })[] = [];
  for (let i = 1; i < characters.length; i++) {
    const left = characters.slice(0, i).join('');
    const right = characters.slice(i).join('');
    const leftId = ids.get(left);
    const rightId = ids.get(right);
    if (leftId === undefined || rightId === undefined) continue;
    found.push({ left, right, score, leftLength: i, rightLength: characters.length - i, leftId, rightId });
  }
  return found.sort((a, b) => a.leftId - b.leftId || a.rightId - b.rightId);
}
