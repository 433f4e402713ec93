import type { Connection } from 'vscode-languageserver';
import { type Judging, judgingNotification } from '../../protocol/messages/editor.ts';
import type { DocumentSession } from '../documents/documentSession.ts';

/** Reports to the client which documents are not judged, and why, whenever this changes. */
export interface JudgingNews {
  tell(session: DocumentSession): void;
  closed(uri: string): void;
}

export function createJudgingNews(connection: Connection, isWanted: boolean): JudgingNews {
  const told = new Map<string, string>();
  return {
    tell: ({ document: { uri }, notJudged }) => {
      if (!isWanted) return;
      const reason = notJudged?.reason ?? null;
      const canBeAsked = notJudged?.canBeAsked ?? true;
      const params: Judging = { uri, reason, canBeAsked };
      const text = JSON.stringify(params);
      if (told.get(uri) === text) return;
      told.set(uri, text);
      void connection.sendNotification(judgingNotification.method, params).catch(() => undefined);
    },
    closed: (uri) => void told.delete(uri),
  };
}
