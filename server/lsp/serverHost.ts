import { userInfo } from 'node:os';
import { createJudge } from '../judges/createJudge.ts';
import type { Judge } from '../judges/judge.ts';
import type { EditorJudge } from '../protocol/editor.ts';

/** What the server needs of the machine around it. Tests put their own in its place. */
export interface ServerHost {
  openJudge(spec: EditorJudge): Promise<Judge>;
  /** Milliseconds since the epoch. */
  now(): number;
  userName(): string;
}

/** Judges are opened once and shared by all documents; one that could not be opened is tried again. */
export function serverHost(): ServerHost {
  const judges = new Map<string, Promise<Judge>>();
  return {
    openJudge: (spec) => {
      const key = JSON.stringify(spec);
      const known = judges.get(key);
      if (known !== undefined) return known;
      const opened = createJudge(spec);
      judges.set(key, opened);
      opened.catch(() => judges.delete(key));
      return opened;
    },
    now: () => Date.now(),
    userName: () => {
      try {
        return userInfo().username;
      } catch {
        // A user without an entry in the system's list has no name.
        return 'somebody';
      }
    },
  };
}
