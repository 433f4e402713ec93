import type { Span } from './example.ts';

/** A position in the editor's coordinates: the line from 0, and UTF-16 units within the line from 0. */
interface Position {
  readonly line: number;
  readonly character: number;
}

/**
 * The text of an open document. It is stored in blocks of whole lines, so that an edit of a forty-megabyte file
 * costs as much as an edit of a small one. Offsets are UTF-16 units. Positions count lines from 0 and, like the
 * protocol, end them at `\n`, `\r\n` and `\r`; the lines of data sets end only at `\n`.
 */
export interface DocumentText {
  readonly uri: string;
  readonly version: number;
  readonly length: number;
  /** The text of a range. */
  slice(start: number, end: number): string;
  /** The whole text. Slow after an edit of a large document. */
  getText(): string;
  /** The position of an offset. An offset beyond the text gives its end; a position never exceeds its line. */
  positionAt(offset: number): Position;
  offsetAt(position: Position): number;
  /** Offset of the beginning of the data set's line that contains the offset. */
  lineStart(offset: number): number;
  /** Offset of the beginning of the next line, or the end of the text. */
  lineEnd(offset: number): number;
  /** Number of `\n` before an offset. */
  feedsBefore(offset: number): number;
  /** Replaces a range. */
  update(span: Span, text: string, version: number): void;
}

/** A block ends after the first line end beyond this many units. */
const blockSize = 1 << 16;

interface Block {
  readonly text: string;
  /** Offsets of its lines by the protocol's definition of lines. The first is 0. */
  readonly starts: readonly number[];
  readonly feeds: number;
  /** Offset, line and line feeds before the block; `place` updates them. */
  offset: number;
  line: number;
  feedsBefore: number;
}

export function createDocumentText(uri: string, version: number, text: string): DocumentText {
  return new BlockText(uri, version, text);
}

/** This is a class, since its blocks and its version change together. */
class BlockText implements DocumentText {
  readonly uri: string;
  private present: number;
  private whole: string | undefined;
  private blocks: Block[];

  constructor(uri: string, version: number, text: string) {
    this.uri = uri;
    this.present = version;
    this.whole = text;
    this.blocks = cut(text, true);
    this.place(0);
  }

  get version(): number {
    return this.present;
  }

  get length(): number {
    const last = this.blocks[this.blocks.length - 1];
    return last === undefined ? 0 : last.offset + last.text.length;
  }

  getText(): string {
    return (this.whole ??= this.blocks.map(({ text }) => text).join(''));
  }

  slice(start: number, end: number): string {
    if (this.whole !== undefined) return this.whole.slice(start, end);
    const parts: string[] = [];
    for (let i = this.blockAt(start); i < this.blocks.length; i++) {
      const { offset, text } = this.block(i);
      if (offset >= end) break;
      parts.push(text.slice(Math.max(0, start - offset), end - offset));
    }
    return parts.join('');
  }

  positionAt(offset: number): Position {
    const { offset: before, line, text, starts } = this.block(this.blockAt(clamp(offset, 0, this.length)));
    const at = clamp(offset - before, 0, text.length);
    const index = lastAtMost(starts, at);
    const start = starts[index] ?? 0;
    return { line: line + index, character: withoutEnd(text, start, at) - start };
  }

  offsetAt({ line, character }: Position): number {
    if (line < 0) return 0;
    const index = this.blockOf(line, (block) => block.line);
    const { offset, line: first, text, starts } = this.block(index);
    const start = starts[line - first];
    if (start === undefined) return this.length;
    const next = starts[line - first + 1] ?? text.length;
    return offset + withoutEnd(text, start, Math.min(start + Math.max(0, character), next));
  }

  lineStart(offset: number): number {
    const { offset: before, text } = this.block(this.blockAt(offset));
    return offset === before ? before : before + text.lastIndexOf('\n', offset - before - 1) + 1;
  }

  lineEnd(offset: number): number {
    const { offset: before, text } = this.block(this.blockAt(offset));
    const feed = text.indexOf('\n', offset - before);
    return before + (feed < 0 ? text.length : feed + 1);
  }

  feedsBefore(offset: number): number {
    const { offset: before, text, feedsBefore } = this.block(this.blockAt(offset));
    return feedsBefore + countFeeds(text, offset - before);
  }

  update({ start, end }: Span, text: string, version: number): void {
    const first = this.blockAt(start);
    let last = this.blockAt(end);
    let tail = this.block(last).text.slice(end - this.block(last).offset);
    // A block ends with a line end. If the edit removed it, the block is joined with the next.
    if (!tail.endsWith('\n') && last + 1 < this.blocks.length) tail += this.block(++last).text;
    const head = this.block(first).text.slice(0, start - this.block(first).offset);
    const fresh = cut(head + text + tail, last + 1 === this.blocks.length);
    this.blocks = [...this.blocks.slice(0, first), ...fresh, ...this.blocks.slice(last + 1)];
    this.whole = undefined;
    this.present = version;
    this.place(first);
  }

  /** Updates the offset and line of each block from an index on. */
  private place(from: number): void {
    const before = this.blocks[from - 1];
    let offset = before === undefined ? 0 : before.offset + before.text.length;
    let line = before === undefined ? 0 : before.line + before.starts.length;
    let feeds = before === undefined ? 0 : before.feedsBefore + before.feeds;
    for (let i = from; i < this.blocks.length; i++) {
      const block = this.block(i);
      Object.assign(block, { offset, line, feedsBefore: feeds });
      offset += block.text.length;
      line += block.starts.length;
      feeds += block.feeds;
    }
  }

  private block(index: number): Block {
    return this.blocks[index] ?? empty;
  }

  private blockAt(offset: number): number {
    return this.blockOf(offset, (block) => block.offset);
  }

  /** Index of the last block whose beginning is at most a value. */
  private blockOf(value: number, beginning: (block: Block) => number): number {
    let [low, high] = [0, this.blocks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (beginning(this.block(middle)) <= value) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

const empty: Block = { text: '', starts: [0], feeds: 0, offset: 0, line: 0, feedsBefore: 0 };

/**
 * Divides a text into blocks of whole lines. The last block of a document never ends with `\n`: the text after the
 * last line end is a line too, even if it is empty.
 */
function cut(text: string, isLast: boolean): Block[] {
  const blocks: Block[] = [];
  let start = 0;
  while (start < text.length) {
    const feed = text.indexOf('\n', Math.min(start + blockSize, text.length));
    const end = feed < 0 ? text.length : feed + 1;
    blocks.push(blockOf(text.slice(start, end)));
    start = end;
  }
  if (isLast && (text === '' || text.endsWith('\n'))) blocks.push(blockOf(''));
  return blocks;
}

function blockOf(text: string): Block {
  const starts = text.includes('\r') ? lineStarts(text) : feedStarts(text);
  // The line after the last `\n` belongs to the next block.
  if (text.endsWith('\n')) starts.pop();
  return { text, starts, feeds: countFeeds(text, text.length), offset: 0, line: 0, feedsBefore: 0 };
}

function feedStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return starts;
}

function countFeeds(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function lastAtMost(ascending: readonly number[], value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? Infinity) <= value) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** The offset, moved before the line end if it is inside or after it. */
function withoutEnd(text: string, lineStart: number, offset: number): number {
  let at = offset;
  while (at > lineStart && (text[at - 1] === '\n' || text[at - 1] === '\r')) at--;
  return at;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
