import { contentHash } from '../../../../server/judges/labels/human.ts';
import { noProgress } from '../../../../server/lsp/documents/workProgress.ts';
import { createDocumentText } from '../../../../server/dataset/documentText.ts';
import { openSession } from '../../../../server/lsp/documents/documentSession.ts';
import type { JudgedDocument } from '../../../../server/lsp/documents/judgedDocument.ts';
import { labelHistory } from '../../../../server/judges/labels/labelHistory.ts';
import type { LabelRecord } from '../../../../server/protocol/labelRecord.ts';
import { editorSettings } from '../../../../server/protocol/messages/editor.ts';
import { testJudge } from '../testJudge.ts';

export interface Given {
  /** Whose ending names the format. */
  readonly name?: string;
  /** What people said, by text; the times count up from 2026-01-01. */
  readonly labels?: readonly (readonly [text: string, label: LabelRecord['label'], reason?: string])[];
  readonly settings?: unknown;
}

const start = Date.UTC(2026, 0, 1);
const day = 86_400_000;

/** A document as features see it, judged by the test's lexicon. */
export async function judged(
  text: string,
  { name = 'a.jsonl', labels = [], settings = {} }: Given = {},
): Promise<JudgedDocument> {
  const session = openSession(createDocumentText(`file:///data/${name}`, 1, text), {
    settings: () => editorSettings.parse(settings),
    openJudge: testJudge,
    news: () => undefined,
    progress: () => noProgress,
  });
  const records = labels.map(([content, label, reason], i) => ({
    content: contentHash({ text: content }),
    label,
    author: 'ann',
    time: start + i * day,
    ...(reason !== undefined && { reason }),
  }));
  session.setLabels(labelHistory(records));
  await session.settled();
  return session.document;
}

/** `1:10-1:16`, lines and columns counted from 0, as the protocol does. */
export function place({
  start: a,
  end: b,
}: {
  start: { line: number; character: number };
  end: { line: number; character: number };
}): string {
  return `${a.line}:${a.character}-${b.line}:${b.character}`;
}
