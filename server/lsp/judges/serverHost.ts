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

/** What the server uses of the machine around it. Tests replace it. */
export interface ServerHost {
  openJudge(spec: EditorJudge): Promise<SlicedJudge>;
  /** Starts an engine process of its own for a sweep; absent where none can be started. */
  readonly launchEngine?: () => EngineProcess;
  /** Installs the CUDA provider. The default is the runtime's own installer. */
  readonly installCuda?: typeof installCuda;
  /** Folder with the notes of which runs this installation has started. The default is under the cache folder. */
  readonly startedFolder?: string;
  /** Milliseconds since the epoch. */
  now(): number;
  userName(): string;
  /** URL of the page on categories that ships with the program. */
  readonly explanations?: string | undefined;
  /** Ends all processes that were started. */
  dispose(): Promise<void>;
}

export interface HostOptions {
  /** Path of the running script. The engine's script is beside it. */
  readonly script: string;
  /** Folder in which verdicts are kept between sessions. */
  readonly cache: string;
  readonly launch?: () => EngineProcess;
}

/**
 * Opens each judge once for all documents, and tries again where opening failed. Judges with models run in the
 * engine process, and their verdicts are kept on the disk. Word lists are faster than computing a hash, so that
 * they run in this process without a cache.
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

/** The page is in docs/, beside the folder of the bundle, or further up in a working copy. */
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
    // A user who is not in the system's list has no name.
    return 'somebody';
  }
}

/** The folder of cached verdicts, beside converted weights. */
export function verdictFolder(environment: NodeJS.ProcessEnv): string {
  return join(cacheFolder(environment), 'verdicts');
}
