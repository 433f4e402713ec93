import { errorDetails, RankscopeError } from '../../protocol/errors.ts';
import { createDocumentText, type DocumentText } from '../../dataset/documentText.ts';
import { type DocumentSession, openSession, type SessionPorts } from './documentSession.ts';
import { labelFileEnding, labelPathOf, readLabelFile } from '../../judges/labels/labelFile.ts';
import type { NotJudged } from './judgeFiles.ts';
import { labelHistory } from '../../judges/labels/labelHistory.ts';

/** The documents that the editor has open, each with its session. */
export interface OpenDocuments {
  open(document: OpenedDocument): void;
  get(uri: string): DocumentSession | undefined;
  /** Throws `usage` for a document that is not open. */
  need(uri: string): DocumentSession;
  all(): readonly DocumentSession[];
  close(uri: string): void;
  /** Reads the labels of a document again. Never rejects: a file that cannot be read becomes a notice in the document. */
  readLabels(uri: string): Promise<void>;
}

interface OpenedDocument {
  readonly uri: string;
  /** The editor's language id, which identifies a list of texts. */
  readonly languageId?: string;
  readonly version: number;
  readonly text: string;
}

export interface DocumentPorts extends Omit<SessionPorts, 'whyNotJudged'> {
  readonly whyNotJudged?: (text: DocumentText, language: string) => NotJudged | undefined;
}

/** `readFile` reads a label file. */
export function createOpenDocuments(ports: DocumentPorts, readFile = readLabelFile): OpenDocuments {
  const sessions = new Map<string, DocumentSession>();
  let reads = 0;
  /** For each session, the number of the label reading that it shows. */
  const shown = new WeakMap<DocumentSession, number>();
  const documents: OpenDocuments = {
    open: ({ uri, languageId = '', version, text }) => {
      // Label files are Rankscope's own. They hold nothing to judge.
      if (uri.endsWith(labelFileEnding)) return;
      sessions.get(uri)?.close();
      const whyNotJudged = (of: DocumentText) => ports.whyNotJudged?.(of, languageId);
      sessions.set(uri, openSession(createDocumentText(uri, version, text), { ...ports, whyNotJudged }));
      void documents.readLabels(uri);
    },
    get: (uri) => sessions.get(uri),
    need: (uri) => {
      const session = sessions.get(uri);
      if (session !== undefined) return session;
      throw new RankscopeError({
        code: 'usage',
        what: 'The document is not open.',
        where: uri,
        remedy: 'Open it first.',
      });
    },
    all: () => [...sessions.values()],
    close: (uri) => {
      sessions.get(uri)?.close();
      sessions.delete(uri);
    },
    readLabels: async (uri) => {
      const path = labelPathOf(uri);
      const session = sessions.get(uri);
      if (path === undefined || session === undefined) return;
      const read = ++reads;
      // A reading that began earlier may end later, and would show older labels.
      const isPast = () => (shown.get(session) ?? 0) > read;
      try {
        const { records, broken } = await readFile(path);
        if (isPast()) return;
        shown.set(session, read);
        const history = labelHistory(records);
        // Most documents have no labels. Then there is nothing to update.
        if (history.size === 0 && session.document.labels.size === 0 && broken.length === 0) return;
        session.setLabels(history, brokenNotice(path, broken));
      } catch (error) {
        if (!isPast()) session.setLabels(session.document.labels, errorDetails(error).what);
      }
    },
  };
  return documents;
}

function brokenNotice(path: string, broken: readonly number[]): string | undefined {
  if (broken.length === 0) return undefined;
  const lines = broken.slice(0, 5).join(', ');
  const more = broken.length > 5 ? ` and ${broken.length - 5} more` : '';
  return `${path} has lines that are no labels and are left out: ${lines}${more}.`;
}
