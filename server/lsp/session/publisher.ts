import type { Connection } from 'vscode-languageserver';
import type { ClientSupport } from './clientSupport.ts';
import type { DocumentSession, SessionNews } from '../documents/documentSession.ts';
import { diagnostics, type DiagnosticOptions } from '../features/diagnostics.ts';

/** Reports to the client that its view of a document is out of date. */
export interface Publisher {
  news(session: DocumentSession, news: SessionNews): void;
  /** Notes that a client got an answer about a document. If judging was not finished, the client is asked to refresh later. */
  answered(session: DocumentSession): void;
  /** Notes that what is known about a document has changed without an edit. */
  outdated(uri: string): void;
  closed(uri: string): void;
}

/** Shortest time between two reports about a document that is still being judged, ms. */
const interval = 500;

interface Told {
  at: number;
  /** Whether there are new verdicts or examples since the last report. */
  more: boolean;
  /** Whether the client got an answer before judging had finished. */
  stale: boolean;
}

export function createPublisher(
  connection: Connection,
  support: ClientSupport,
  options: () => DiagnosticOptions,
): Publisher {
  const documents = new Map<string, Told>();
  const toldOf = (uri: string): Told => {
    const told = documents.get(uri) ?? { at: performance.now(), more: false, stale: false };
    documents.set(uri, told);
    return told;
  };
  const tell = (session: DocumentSession, told: Told): void => {
    const { document } = session;
    told.at = performance.now();
    told.more = false;
    if (!support.pullDiagnostics) {
      const { uri, text } = document;
      const list = diagnostics(document, options());
      void connection.sendDiagnostics({ uri, version: text.version, diagnostics: list }).catch(() => undefined);
    }
    if (told.stale) refresh(connection, support);
    told.stale = false;
  };
  return {
    news: (session, news) => {
      const told = toldOf(session.document.uri);
      if (news === 'more') told.more = true;
      if (news === 'more' && performance.now() - told.at < interval) return;
      if (news === 'settled' && !told.more && !told.stale) return;
      tell(session, told);
    },
    answered: (session) => {
      if (session.working) toldOf(session.document.uri).stale = true;
    },
    outdated: (uri) => (toldOf(uri).stale = true),
    closed: (uri) => {
      documents.delete(uri);
      if (support.pullDiagnostics) return;
      void connection.sendDiagnostics({ uri, diagnostics: [] }).catch(() => undefined);
    },
  };
}

function refresh(connection: Connection, support: ClientSupport): void {
  const asks = [
    support.pullDiagnostics && support.refreshDiagnostics && connection.languages.diagnostics.refresh(),
    support.refreshHints && connection.languages.inlayHint.refresh(),
    support.refreshLenses && connection.sendRequest('workspace/codeLens/refresh'),
    support.refreshTokens && connection.languages.semanticTokens.refresh(),
  ];
  // A client that refuses to refresh keeps its old view.
  for (const asked of asks) if (asked !== false) void asked.catch(() => undefined);
}
