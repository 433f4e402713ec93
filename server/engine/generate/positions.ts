import type { ArmGroup } from './armWeights.ts';
import { logSoftmax } from './logSoftmax.ts';
import type { Scorer } from './scorer.ts';

/** Rows of logits of all arms that are in memory at a time, at the least those of one text. */
const ROWS = 512;

/**
 * Natural-log probabilities after every position of every text, for one position and all of `arms` at a time; arms of a group
 * are read in one batch. `rows[i]` belongs to `arms[i]` and is valid during the call of `visit`.
 */
export async function readPositions(
  scorer: Scorer,
  groups: readonly ArmGroup[],
  { arms, texts }: { readonly arms: readonly string[]; readonly texts: readonly (readonly number[])[] },
  visit: (text: number, position: number, rows: readonly Float32Array[]) => void,
  beforeEach: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const part of parts(texts, Math.max(1, Math.floor(ROWS / arms.length)))) {
    await beforeEach();
    const read = new Map<string, (row: number) => Float32Array>();
    for (const group of groups) await readGroup(scorer, group, part, read);
    let row = 0;
    for (const { text, ids } of part) {
      for (const position of ids.keys()) {
        const at = row++;
        const rows = arms.map((arm) => read.get(arm)?.(at) ?? new Float32Array());
        visit(text, position, rows);
      }
    }
  }
}

interface NumberedText {
  readonly text: number;
  readonly ids: readonly number[];
}

/** Texts in order, as many together as have `rows` tokens or fewer. */
function parts(texts: readonly (readonly number[])[], rows: number): NumberedText[][] {
  const all: NumberedText[][] = [];
  let room = 0;
  for (const [text, ids] of texts.entries()) {
    if (ids.length > room) {
      all.push([]);
      room = Math.max(rows, ids.length);
    }
    all.at(-1)?.push({ text, ids });
    room -= ids.length;
  }
  return all;
}

/** Each arm's rows of a part, counted over its texts. */
async function readGroup(
  scorer: Scorer,
  group: ArmGroup,
  part: readonly NumberedText[],
  read: Map<string, (row: number) => Float32Array>,
): Promise<void> {
  const sequences = group.ids.flatMap((_, arm) => part.map(({ text, ids }) => ({ arm, ids, index: text })));
  const every = (ids: readonly number[]): number[] => ids.map((_, i) => i);
  const logits = (await scorer.prefill(group, sequences, ['logits'], every)).outputs.floats('logits');
  const { vocabularySize } = scorer.definition.config;
  const count = part.reduce((sum, { ids }) => sum + ids.length, 0);
  group.ids.forEach((id, arm) => {
    read.set(id, (row) => {
      const at = (arm * count + row) * vocabularySize;
      return logSoftmax(logits.subarray(at, at + vocabularySize));
    });
  });
}
