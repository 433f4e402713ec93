import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TextDocumentContentChangeEvent } from 'vscode-languageserver';
import { detectFormat } from '../../dataset/detectFormat.ts';
import type { FieldNames, Span } from '../../dataset/example.ts';
import type { Verdict } from '../../judges/judge/judge.ts';
import { errorDetails, RankscopeError } from '../../protocol/errors.ts';
import type { EditorJudge, EditorSettings } from '../../protocol/messages/editor.ts';
import type { SlicedJudge } from '../judges/slicedJudge.ts';
import { noLabels, type LabelHistory } from '../../judges/labels/labelHistory.ts';
import { textChange } from './textChange.ts';
import { type DatasetReader, openReader, readOn, unreadReader } from './datasetReader.ts';
import type { DocumentText } from '../../dataset/documentText.ts';
import { editedReader } from './editedReader.ts';
import { contentOf, examplesIn, type JudgedDocument } from './judgedDocument.ts';
import { createJudgeQueue } from './judgeQueue.ts';
import type { NotJudged } from './judgeFiles.ts';
import { judgeSome } from './judgeSome.ts';
import { visibleWindow } from './visibleWindow.ts';
import { noProgress, type WorkProgress } from './workProgress.ts';

/**
 * How far judging has come: the texts on the screen are judged (`urgent`), some more are (`more`), or all are
 * (`settled`).
 */
export type SessionNews = 'urgent' | 'more' | 'settled';

export interface SessionPorts {
  readonly settings: () => EditorSettings;
  /** Opens a judge for a document. Its paths are relative to the document's workspace folder. */
  readonly openJudge: (spec: EditorJudge, uri: string) => Promise<SlicedJudge>;
  readonly news: (session: DocumentSession, news: SessionNews) => void;
  readonly progress: (session: DocumentSession) => WorkProgress;
  /** Which fields of a document hold texts, prompts and labels. Without it the settings for all documents apply. */
  readonly fieldsOf?: (uri: string) => FieldNames;
  /** Why a document is judged only on request. Without it, or where it returns nothing, every document is judged. */
  readonly whyNotJudged?: (text: DocumentText) => NotJudged | undefined;
}

/** An open document, read and judged in slices of a few milliseconds, so that the server answers requests in between. */
export interface DocumentSession {
  readonly document: JudgedDocument;
  readonly working: boolean;
  /** Why the document is not judged. None of its texts is known then. */
  readonly notJudged: NotJudged | undefined;
  change(changes: readonly TextDocumentContentChangeEvent[], version: number): void;
  /** Reports which lines (0-based, the end included) are visible in an editor. */
  show(startLine: number, endLine: number): void;
  setLabels(labels: LabelHistory, notice?: string): void;
  /**
   * Judges all texts again, by another judge if one is given. A document that is judged only on request is judged
   * from now on. Throws `usage` where judging is off.
   */
  judgeAgain(spec?: EditorJudge): void;
  /** Reads and judges everything again, after the settings have changed. */
  readAgain(): void;
  /** Stops judging. Texts without a verdict stay unjudged. */
  stopJudging(): void;
  /** Resolves when judging has finished. */
  settled(): Promise<void>;
  close(): void;
}

/** Length of one slice of work, ms. */
const slice = 8;
/** Size of the first batch for a judge with a model. */
const firstOfSlow = 8;
/** Number of lines that count as visible until the editor reports the visible ones. */
const firstScreen = 200;
const stoppedByHand: Verdict = { kind: 'unjudged', reason: 'judging was stopped' };

export function openSession(text: DocumentText, ports: SessionPorts): DocumentSession {
  return new Session(text, ports);
}

/** This is a class, since edits and slices of work change its state in turn. */
class Session implements DocumentSession {
  private readonly text: DocumentText;
  private readonly ports: SessionPorts;
  private reader: DatasetReader;
  private verdicts: (Verdict | undefined)[] = [];
  private contents: (string | undefined)[] = [];
  private labels: LabelHistory = noLabels;
  private labelNotice: string | undefined;
  private queue = createJudgeQueue();
  private visibleLines: Span = { start: 0, end: firstScreen };
  private spec: EditorJudge | undefined;
  private judge: SlicedJudge | undefined;
  private judgeNotice: string | undefined;
  private batch = 128;
  private stopped = false;
  /** Whether the editor has reported the visible lines. */
  private shown = false;
  /** How many examples and problems there were before those of the visible window past a limit were added. */
  private window: { readonly examples: number; readonly problems: number } | undefined;
  private readonly closed = new AbortController();
  private work: Promise<void> | undefined;
  private urgentTold = false;
  /** Counts edits and restarts. After one of them, indices no longer identify the same examples. */
  private edits = 0;
  /** Whether a person has asked for this document to be judged. */
  private asked = false;
  private unjudgedFor: NotJudged | undefined;

  constructor(text: DocumentText, ports: SessionPorts) {
    this.text = text;
    this.ports = ports;
    this.unjudgedFor = ports.whyNotJudged?.(text);
    this.reader = this.openReader();
    if (this.unjudgedFor === undefined) this.start();
  }

  get notJudged(): NotJudged | undefined {
    return this.unjudgedFor;
  }

  get working(): boolean {
    return this.work !== undefined;
  }

  get document(): JudgedDocument {
    const { text, reader, verdicts, contents, labels, judge } = this;
    const told = this.unjudgedFor === undefined ? [reader.stopped, this.judgeNotice, this.labelNotice] : [];
    const notices = told.filter((notice) => notice !== undefined);
    const { schema, examples, problems, lineByLine } = reader;
    return { uri: text.uri, text, schema, examples, problems, lineByLine, verdicts, contents, labels, judge, notices };
  }

  change(changes: readonly TextDocumentContentChangeEvent[], version: number): void {
    for (const event of changes) this.edit(event, version);
    // A document that once counted as a data set remains one while it is edited.
    if (this.unjudgedFor !== undefined) {
      this.unjudgedFor = this.ports.whyNotJudged?.(this.text);
      if (this.unjudgedFor === undefined) this.readAfresh();
      return;
    }
    this.showWindow();
    this.urgentTold = false;
    this.start();
  }

  show(startLine: number, endLine: number): void {
    const { start, end } = this.visibleLines;
    if (this.shown && start === startLine && end === endLine) return;
    this.shown = true;
    this.visibleLines = { start: startLine, end: endLine };
    this.showWindow();
  }

  setLabels(labels: LabelHistory, notice?: string): void {
    this.labels = labels;
    this.labelNotice = notice;
    this.urgentTold = false;
    this.start();
  }

  judgeAgain(spec?: EditorJudge): void {
    const waits = this.unjudgedFor !== undefined;
    if (this.unjudgedFor?.canBeAsked === false) throw notToBeAsked(this.text.uri, this.unjudgedFor);
    if (spec !== undefined) this.spec = spec;
    this.asked = true;
    this.unjudgedFor = undefined;
    if (waits) this.readAfresh();
    else this.judgeAfresh();
  }

  readAgain(): void {
    const why = this.ports.whyNotJudged?.(this.text);
    this.unjudgedFor = this.asked && why?.canBeAsked !== false ? undefined : why;
    this.readAfresh();
  }

  private readAfresh(): void {
    this.window = undefined;
    this.reader = this.openReader();
    this.contents = [];
    this.judgeAfresh();
  }

  private judgeAfresh(): void {
    this.edits++;
    this.judge = undefined;
    this.judgeNotice = undefined;
    this.verdicts = [];
    this.queue = createJudgeQueue();
    this.stopped = false;
    this.urgentTold = false;
    this.start();
  }

  stopJudging(): void {
    this.stopped = true;
  }

  async settled(): Promise<void> {
    while (this.work !== undefined) await this.work;
  }

  close(): void {
    this.closed.abort();
  }

  private openReader(): DatasetReader {
    const { limits } = this.ports.settings();
    const { fieldsOf, settings } = this.ports;
    const fields = fieldsOf === undefined ? settings().fields : fieldsOf(this.text.uri);
    if (this.unjudgedFor !== undefined) return unreadReader(this.text.length, detectFormat(this.text.uri, ''));
    const text = this.text.getText();
    return openReader(text, detectFormat(this.text.uri, text), fields, limits);
  }

  /** Past a limit, only visible lines are read. Their examples follow all others. */
  private showWindow(): void {
    this.dropWindow();
    if (!this.shown) return;
    const { examples, problems } = this.reader;
    const window = visibleWindow(this.text, this.reader, this.visibleLines, this.ports.settings().limits);
    if (window === undefined) return;
    this.window = { examples: examples.length, problems: problems.length };
    examples.push(...window.examples);
    problems.push(...window.problems);
    this.queue.edited({ start: this.window.examples, end: examples.length });
    this.urgentTold = false;
    this.start();
  }

  private dropWindow(): void {
    if (this.window === undefined) return;
    // The batch that is being judged must not assign its verdicts to other examples.
    this.edits++;
    const { examples, problems } = this.window;
    for (const list of [this.reader.examples, this.verdicts, this.contents])
      list.length = Math.min(list.length, examples);
    this.reader.problems.length = Math.min(this.reader.problems.length, problems);
    this.window = undefined;
  }

  private edit(event: TextDocumentContentChangeEvent, version: number): void {
    const { limits } = this.ports.settings();
    this.dropWindow();
    this.edits++;
    if (this.unjudgedFor !== undefined) {
      const { range, text } = textChange(this.text, event);
      this.text.update(range, text, version);
      return;
    }
    const edited = editedReader(this.text, this.reader, textChange(this.text, event), version, limits);
    if (edited === undefined) {
      this.reader = this.openReader();
      this.verdicts = [];
      this.contents = [];
      this.queue = createJudgeQueue();
      return;
    }
    const { fresh, removed } = edited;
    this.reader = edited.reader;
    replaceWithNothing(this.verdicts, fresh, removed);
    replaceWithNothing(this.contents, fresh, removed);
    this.queue.edited(fresh);
  }

  private start(): void {
    if (this.work !== undefined || this.closed.signal.aborted) return;
    this.work = this.run().finally(() => {
      this.work = undefined;
      if (!this.closed.signal.aborted) this.ports.news(this, 'settled');
    });
  }

  /** Never rejects: a failure becomes a notice or an unjudged text. */
  private async run(): Promise<void> {
    const progress = this.unjudgedFor === undefined ? this.ports.progress(this) : noProgress;
    try {
      while (!this.closed.signal.aborted && (await this.step())) {
        progress.report(this.doneShare());
        // The connection passes on one message for each turn of the event loop. Four turns answer four waiting
        // messages after one slice.
        for (let turn = 0; turn < 4; turn++) await nextTurn();
      }
    } catch (error) {
      this.judgeNotice = `The document could not be judged: ${errorDetails(error).what}`;
    } finally {
      progress.done();
    }
  }

  /** Does one slice of work: first visible texts, then reading, then the other texts. False where no work remains. */
  private async step(): Promise<boolean> {
    const view = this.queueView();
    const urgent = this.queue.urgent(view, this.batch);
    if (urgent.length > 0) {
      await this.judgeSlice(urgent);
      if (this.judge?.slice !== undefined) this.ports.news(this, 'more');
      return true;
    }
    if (!this.urgentTold && this.screenRead(view.visible)) this.tell('urgent');
    if (!this.reader.done) return this.readSlice();
    const rest = this.queue.rest(view, this.batch);
    if (rest.length > 0) await this.judgeSlice(rest);
    if (rest.length > 0) this.ports.news(this, 'more');
    return rest.length > 0;
  }

  private tell(news: SessionNews): void {
    this.urgentTold = true;
    this.ports.news(this, news);
  }

  private queueView() {
    return { verdicts: this.verdicts, total: this.reader.examples.length, visible: this.visibleExamples() };
  }

  private screenRead(visible: Span): boolean {
    return this.reader.done || visible.end < this.reader.examples.length;
  }

  private visibleExamples(): Span {
    const { start, end } = this.visibleLines;
    const span = {
      start: this.text.offsetAt({ line: start, character: 0 }),
      end: this.text.offsetAt({ line: end, character: 0 }),
    };
    const found = examplesIn(this.reader, span);
    return { start: found[0] ?? 0, end: (found.at(-1) ?? -1) + 1 };
  }

  private readSlice(): boolean {
    const until = performance.now() + slice;
    const { limits } = this.ports.settings();
    this.reader = readOn(this.reader, this.text.getText(), limits, () => performance.now() >= until);
    if (this.reader.done) this.showWindow();
    this.ports.news(this, 'more');
    return true;
  }

  private async judgeSlice(indices: readonly number[]): Promise<boolean> {
    const { examples } = this.reader;
    const { edits } = this;
    const judge = this.stopped ? undefined : await this.openedJudge();
    // An edit during the wait for the judge may have moved the examples. They are judged again then.
    if (edits !== this.edits) return true;
    const began = performance.now();
    const given =
      judge && (await judgeSome(indices, examples, judge, this.ports.settings().limits, this.closed.signal));
    if (edits !== this.edits) return true;
    const instead = this.stopped ? stoppedByHand : this.noJudge();
    indices.forEach((index, at) => (this.verdicts[index] = given?.[at] ?? instead));
    if (this.labels.size > 0) for (const index of indices) contentOf(this.document, index);
    const took = performance.now() - began;
    const target = judge?.slice ?? slice;
    this.batch = Math.round(Math.min(2048, Math.max(4, (this.batch * target) / Math.max(took, 1))));
    return true;
  }

  private noJudge(): Verdict {
    return { kind: 'unjudged', reason: this.judgeNotice ?? 'there is no judge' };
  }

  private async openedJudge(): Promise<SlicedJudge | undefined> {
    if (this.judge !== undefined || this.judgeNotice !== undefined) return this.judge;
    try {
      this.judge = await this.ports.openJudge(this.spec ?? this.ports.settings().judge, this.text.uri);
      // The first texts show how fast a judge with a model is.
      if (this.judge.slice !== undefined) this.batch = firstOfSlow;
    } catch (error) {
      const { what, remedy } = errorDetails(error);
      this.judgeNotice = ['The judge cannot be used:', what, remedy].filter((part) => part !== undefined).join(' ');
    }
    return this.judge;
  }

  private doneShare(): number {
    const { reader, verdicts } = this;
    const length = Math.max(1, this.text.length);
    if (!reader.done) return reader.position / length / 2;
    return 0.5 + verdicts.length / Math.max(1, reader.examples.length) / 2;
  }
}

function notToBeAsked(where: string, { reason }: NotJudged): RankscopeError {
  const remedy = 'Set judgeFiles to "recognised" or "onDemand".';
  return new RankscopeError({ code: 'usage', what: reason, where, remedy });
}

/** Replaces the entries of the edited range with `undefined`, in place, since the lists are long. */
function replaceWithNothing(list: unknown[], fresh: Span, removed: number): void {
  if (fresh.start >= list.length) return;
  const count = fresh.end - fresh.start;
  if (count === removed) list.fill(undefined, fresh.start, fresh.end);
  else if (count < 1000) list.splice(fresh.start, removed, ...Array.from({ length: count }, () => undefined));
  else {
    const tail = list.splice(fresh.start);
    list.length = fresh.end;
    for (let i = removed; i < tail.length; i++) list.push(tail[i]);
  }
}
