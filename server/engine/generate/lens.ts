import type { ArmGroup } from './armWeights.ts';
import { logSoftmax } from './logSoftmax.ts';
import type { Scorer } from './scorer.ts';

/** Rows of logits that are in memory at a time, at the least one position of every arm. */
const ROWS = 128;

/** Where a row of a lens stands. Layer 0 is the stream after the embeddings, the last the model's own output. */
export interface LensPlace {
  readonly layer: number;
  /** 0-based */
  readonly position: number;
}

/**
 * The logit lens (nostalgebraist 2020; paper figures 1 and 3): reads one sequence with every arm, arms of a group in one
 * batch, and takes the residual stream at each layer and position through the arm's own final norm and head. `visit` gets
 * for one place at a time, layer by layer, the natural-log probabilities of each arm of `ids`, valid during the call.
 */
export async function readLens(
  scorer: Scorer,
  groups: readonly ArmGroup[],
  { arms, ids }: { readonly arms: readonly string[]; readonly ids: readonly number[] },
  visit: (place: LensPlace, rows: readonly Float32Array[]) => void | Promise<void>,
): Promise<void> {
  const { layers } = scorer.definition.config;
  const read: ReadGroup[] = [];
  // One after another: were one of them to fail, the others would go on with a model that is being closed.
  for (const group of groups) read.push(await readGroup(scorer, group, ids));
  const size = Math.max(1, Math.floor(ROWS / arms.length));
  for (let layer = 0; layer <= layers; layer++) {
    for (let first = 0; first < ids.length; first += size) {
      const count = Math.min(size, ids.length - first);
      const rows = new Map<string, Float32Array>();
      for (const group of read) await headRows(scorer, group, layer, { first, count }, rows);
      for (let i = 0; i < count; i++) {
        const ofArms = arms.map((arm) => rows.get(`${arm} ${i}`) ?? new Float32Array());
        await visit({ layer, position: first + i }, ofArms);
      }
    }
  }
}

interface ReadGroup {
  readonly group: ArmGroup;
  readonly streams: readonly Float32Array[];
  readonly starts: readonly number[];
}

async function readGroup(scorer: Scorer, group: ArmGroup, ids: readonly number[]): Promise<ReadGroup> {
  const sequences = group.ids.map((_, arm) => ({ arm, ids }));
  return { group, ...(await scorer.residuals(group, sequences)) };
}

/** Log-probabilities of some positions of one layer for every arm of a group, by `ARM POSITION-WITHIN-THE-PART`. */
async function headRows(
  scorer: Scorer,
  { group, streams, starts }: ReadGroup,
  layer: number,
  { first, count }: { readonly first: number; readonly count: number },
  rows: Map<string, Float32Array>,
): Promise<void> {
  const { hiddenSize, vocabularySize } = scorer.definition.config;
  const stream = streams[layer] ?? new Float32Array();
  const hidden = new Float32Array(group.ids.length * count * hiddenSize);
  group.ids.forEach((_, arm) => {
    const from = ((starts[arm] ?? 0) + first) * hiddenSize;
    hidden.set(stream.subarray(from, from + count * hiddenSize), arm * count * hiddenSize);
  });
  const places = group.ids.flatMap((_, arm) =>
    Array.from({ length: count }, (__, i) => ({ arm, place: `lens, layer ${layer}, position ${first + i}` })),
  );
  const logits = await scorer.head(group, places, hidden);
  group.ids.forEach((id, arm) => {
    for (let i = 0; i < count; i++) {
      const at = (arm * count + i) * vocabularySize;
      rows.set(`${id} ${i}`, logSoftmax(logits.subarray(at, at + vocabularySize)));
    }
  });
}
