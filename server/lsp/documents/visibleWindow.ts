import type { DatasetProblem, Example, Span } from '../../dataset/example.ts';
import type { EditorLimits } from '../../protocol/messages/editor.ts';
import { type DatasetReader, readOn } from './datasetReader.ts';
import type { DocumentText } from '../../dataset/documentText.ts';

/** Most lines that are read around the visible ones past a limit. */
const mostLines = 1000;

export interface VisibleWindow {
  readonly examples: readonly Example[];
  readonly problems: readonly DatasetProblem[];
}

/**
 * Reads the visible lines past the place where a limit stopped the reading. Undefined where no visible line is past
 * it, and where rows depend on each other, so that none can be read alone.
 */
export function visibleWindow(
  text: DocumentText,
  reader: DatasetReader,
  { start, end }: Span,
  limits: EditorLimits,
): VisibleWindow | undefined {
  if (!reader.done || reader.stopped === undefined || !reader.lineByLine) return undefined;
  const last = text.offsetAt({ line: Math.min(end, start + mostLines), character: 0 });
  if (last < reader.position) return undefined;
  const from = Math.max(reader.position, text.lineStart(text.offsetAt({ line: start, character: 0 })));
  const fresh = { examples: [], problems: [], line: 1 + text.feedsBefore(from), position: 0 };
  const unlimited = { ...limits, characters: Infinity, lines: Infinity };
  const opened = { ...reader, ...fresh, done: false, stopped: undefined };
  const { examples, problems } = readOn(opened, text.slice(from, text.lineEnd(last)), unlimited, () => false);
  const moved = <Item extends { readonly range: Span }>(item: Item): Item => ({
    ...item,
    range: { start: item.range.start + from, end: item.range.end + from },
  });
  return { examples: examples.map(moved), problems: problems.map(moved) };
}
