import type { LabelRecord } from '../../protocol/labelRecord.ts';
import type { HumanLabel } from './human.ts';

/** What people said of texts, by content hash. */
export interface LabelHistory {
  /** Texts that anything was ever said of. */
  readonly size: number;
  /** The latest label that was not taken back. */
  inForce(content: string): HumanLabel | undefined;
  /** The labels in force of all texts. */
  standing(): readonly HumanLabel[];
  /** All that was said of a text, oldest first. */
  of(content: string): readonly LabelRecord[];
}

/** Orders records by time; what has the same time stays in the order of the file. */
export function labelHistory(records: readonly LabelRecord[]): LabelHistory {
  const byContent = new Map<string, LabelRecord[]>();
  for (const record of records) {
    const known = byContent.get(record.content);
    if (known === undefined) byContent.set(record.content, [record]);
    else known.push(record);
  }
  for (const list of byContent.values()) list.sort((a, b) => a.time - b.time);
  const standing = new Map([...byContent].map(([content, list]) => [content, lastStanding(list)]));
  return {
    size: byContent.size,
    inForce: (content) => standing.get(content),
    standing: () => [...standing.values()].filter((label) => label !== undefined),
    of: (content) => byContent.get(content) ?? [],
  };
}

export const noLabels = labelHistory([]);

function lastStanding(records: readonly LabelRecord[]): HumanLabel | undefined {
  const stack: HumanLabel[] = [];
  for (const record of records) {
    if (record.label === 'none') stack.pop();
    else stack.push({ ...record, label: record.label });
  }
  return stack.at(-1);
}
