import { createHash } from 'node:crypto';
import type { LabelRecord } from '../../protocol/labelRecord.ts';
import type { Judge, Judgeable, Verdict } from '../judge/judge.ts';
import { judgeHash } from '../judge/judgeHash.ts';

/** What somebody said of a text. */
export interface HumanLabel extends Omit<LabelRecord, 'label'> {
  readonly label: Exclude<LabelRecord['label'], 'none'>;
}

/** Names a text, with the prompt it follows, whatever line or file it stands in: SHA-256, hex. */
export function contentHash({ text, prompt }: Judgeable): string {
  return createHash('sha256')
    .update(JSON.stringify([prompt ?? null, text]))
    .digest('hex');
}

/** The label in force of each text: the latest, the later in the list on a tie. */
function latestLabels(labels: readonly HumanLabel[]): ReadonlyMap<string, HumanLabel> {
  const latest = new Map<string, HumanLabel>();
  for (const label of labels) {
    const known = latest.get(label.content);
    if (known === undefined || label.time >= known.time) latest.set(label.content, label);
  }
  return latest;
}

/** A judge that knows what people said and nothing else: unlabelled and unsure texts are unjudged. */
export function createHumanJudge(labels: readonly HumanLabel[]): Judge {
  const latest = latestLabels(labels);
  const decides = [...latest.values()].map(({ content, label }) => [content, label]).sort();
  return {
    kind: 'human',
    name: 'human',
    hash: judgeHash(decides),
    threshold: 0.5,
    judge: async (items) => Promise.resolve(items.map((item) => labelVerdict(latest.get(contentHash(item))))),
  };
}

function labelVerdict(label: HumanLabel | undefined): Verdict {
  if (label === undefined) return { kind: 'unjudged', reason: 'nobody labelled the text' };
  const { author, reason } = label;
  if (label.label === 'unsure') {
    return { kind: 'unjudged', reason: `${author} was not sure${reason === undefined ? '' : `: ${reason}`}` };
  }
  const toxic = label.label === 'toxic';
  const why = reason === undefined ? author : `${author}: ${reason}`;
  return { kind: 'judged', score: toxic ? 1 : 0, toxic, categories: {}, evidence: [], why };
}
