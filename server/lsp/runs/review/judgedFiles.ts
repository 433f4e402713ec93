import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { RankscopeError } from '../../../protocol/errors.ts';
import { onDisk } from '../../../runs/diskError.ts';
import { createDocumentText } from '../../../dataset/documentText.ts';
import { readText } from '../../../dataset/readText.ts';
import { openSession, type DocumentSession, type SessionPorts } from '../../documents/documentSession.ts';
import { noProgress } from '../../documents/workProgress.ts';
import { labelPathOf, readLabelFile } from '../../../judges/labels/labelFile.ts';
import { labelHistory } from '../../../judges/labels/labelHistory.ts';
import type { OpenDocuments } from '../../documents/openDocuments.ts';

interface Kept {
  readonly session: DocumentSession;
  readonly stamp: string;
  /** Number of requests that wait for its verdicts. */
  waiting: number;
}

/** Number of files outside editors whose texts and verdicts stay in memory. */
const mostKept = 3;

export interface JudgedFilesPorts extends Pick<SessionPorts, 'settings' | 'openJudge' | 'fieldsOf'> {
  readonly documents: Pick<OpenDocuments, 'all'>;
}

/**
 * Judges data set files, whether or not they are open in an editor. An open document is used with its unsaved
 * edits, any other file as it is on the disk. Both have the same judge and the same labels.
 */
export class JudgedFiles {
  readonly #ports: JudgedFilesPorts;
  readonly #kept = new Map<string, Kept>();

  constructor(ports: JudgedFilesPorts) {
    this.#ports = ports;
  }

  /**
   * Resolves with the file when all of its texts are judged. Aborting the signal ends the waiting. Throws
   * RankscopeError('disk').
   */
  async settled(file: string, signal: AbortSignal): Promise<DocumentSession> {
    const shown = this.inEditor(file);
    if (shown) {
      // Reviewing a file includes the request to judge it.
      if (shown.notJudged?.canBeAsked) shown.judgeAgain();
      await until(shown.settled(), signal);
      return shown;
    }
    const path = resolve(file);
    const kept = await this.#onDisk(path);
    try {
      // Another program may have added labels.
      await readLabels(kept.session);
      await until(kept.session.settled(), signal);
    } finally {
      kept.waiting--;
      if (this.#kept.get(path) !== kept) closeUnlessAwaited(kept);
    }
    return kept.session;
  }

  /** The document of an editor that shows this file; undefined where there is none. */
  inEditor(file: string): DocumentSession | undefined {
    const path = resolve(file);
    return this.#ports.documents.all().find(({ document }) => pathOf(document.uri) === path);
  }

  /** Reads the labels again of a file that no editor shows. */
  async readLabels(file: string): Promise<void> {
    const kept = this.#kept.get(resolve(file));
    if (kept) await readLabels(kept.session);
  }

  dispose(): void {
    for (const { session } of this.#kept.values()) session.close();
    this.#kept.clear();
  }

  /** The session of a file on the disk, with one more request that waits for it. */
  async #onDisk(path: string): Promise<Kept> {
    const { size, mtimeMs } = await onDisk(path, () => stat(path));
    const { settings, openJudge, fieldsOf } = this.#ports;
    const stamp = `${size} ${mtimeMs} ${JSON.stringify(settings())}`;
    const known = this.#kept.get(path);
    if (known?.stamp === stamp) {
      known.waiting++;
      return known;
    }
    const text = await onDisk(path, () => readText(path));
    const session = openSession(createDocumentText(pathToFileURL(path).href, 0, text), {
      settings,
      openJudge,
      ...(fieldsOf && { fieldsOf }),
      news: () => undefined,
      progress: () => noProgress,
    });
    const kept: Kept = { session, stamp, waiting: 1 };
    this.#leave(path);
    this.#kept.set(path, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) break;
      this.#leave(oldest);
    }
    return kept;
  }

  #leave(path: string): void {
    const kept = this.#kept.get(path);
    if (!kept) return;
    this.#kept.delete(path);
    closeUnlessAwaited(kept);
  }
}

/** Closes a session unless requests wait for it. A closed session judges no further, so that they would wait for ever. */
function closeUnlessAwaited({ session, waiting }: Kept): void {
  if (waiting === 0) session.close();
}

async function readLabels(session: DocumentSession): Promise<void> {
  const path = labelPathOf(session.document.uri);
  if (path === undefined) return;
  session.setLabels(labelHistory((await readLabelFile(path)).records));
}

function pathOf(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}

async function until(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const cancelled = new RankscopeError({ code: 'cancelled', what: 'The request was cancelled.' });
  if (signal.aborted) throw cancelled;
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(cancelled);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
