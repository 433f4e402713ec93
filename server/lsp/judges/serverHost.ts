import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createJudge } from '../../judges/createJudge.ts';
import { needsEngine } from '../../judges/resolveJudgeSpec.ts';
import { cacheFolder } from '../../launch/cacheFolder.ts';
import type { installCuda } from '../../launch/installCuda.ts';
import { launchEngine, type EngineProcess } from '../../launch/localProcess.ts';
import { engineEntry } from '../../launch/engineEntry.ts';
import type { EditorJudge } from '../../protocol/messages/editor.ts';
import { cachedJudge } from './cachedJudge.ts';
import { createEngine } from './engine.ts';
import { openEngineJudge } from './engineJudge.ts';
import type { SlicedJudge } from './slicedJudge.ts';
import { openVerdictCache } from './verdictCache.ts';

/** What the server needs of the machine around it. Tests put their own in its place. */
export interface ServerHost {
  openJudge(spec: EditorJudge): Promise<SlicedJudge>;
  /** Starts an engine process of its own for a sweep; absent where none can be started. */
  readonly launchEngine?: () => EngineProcess;
  /** Brings the CUDA provider; the runtime's own installer unless given. */
  readonly installCuda?: typeof installCuda;
  /** Folder of the notes of which runs this installation has started; under the cache folder unless given. */
  readonly startedFolder?: string;
  /** Milliseconds since the epoch. */
  now(): number;
  userName(): string;
  /** Address of the page on categories that ships with the program. */
  readonly explanations?: string | undefined;
  /** Ends what was started. */
  dispose(): Promise<void>;
}

export interface HostOptions {
  /** Path of the script that runs, beside which the engine's is. */
  readonly script: string;
  /** Where verdicts are kept between sessions. */
  readonly cache: string;
  readonly launch?: () => EngineProcess;
}

/**
 * Judges are opened once and shared by all documents; one that could not be opened is tried again. Judges with models
 * run in the engine process, and their verdicts are kept on the disk; word lists are faster than a hash, and run here.
 */
export function serverHost({ script, cache, launch }: HostOptions): ServerHost {
  const now = () => Date.now();
  const start = launch ?? (() => launchEngine(engineEntry(script)));
  const engine = createEngine(start, now);
  const judges = new Map<string, Promise<SlicedJudge>>();
  const open = async (spec: EditorJudge): Promise<SlicedJudge> => {
    if (!needsEngine(spec)) return createJudge(spec);
    const judge = await openEngineJudge(spec, () => engine.client());
    return cachedJudge(judge, await openVerdictCache(cache, judge.hash));
  };
  return {
    openJudge: (spec) => {
      const key = JSON.stringify(spec);
      const known = judges.get(key);
      if (known !== undefined) return known;
      const opened = open(spec);
      judges.set(key, opened);
      opened.catch(() => judges.delete(key));
      return opened;
    },
    launchEngine: start,
    now,
    userName,
    explanations: explanationPage(script),
    dispose: () => engine.dispose(),
  };
}

/** The page stands in docs/, beside the folder of the bundle, or further up in a working copy. */
function explanationPage(script: string): string | undefined {
  for (let at = dirname(script); at !== dirname(at); at = dirname(at)) {
    const page = join(at, 'docs', 'judges.md');
    if (existsSync(page)) return pathToFileURL(page).href;
  }
  return undefined;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the system's list has no name.
    return 'somebody';
  }
}

/** Where verdicts are kept, beside converted weights. */
export function verdictFolder(environment: NodeJS.ProcessEnv): string {
  return join(cacheFolder(environment), 'verdicts');
}
