import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createJudge } from '../../judges/createJudge.ts';
import type { Judge } from '../../judges/judge/judge.ts';
import type { JudgeSpec } from '../../protocol/sweep/judgeSpec.ts';
import { judgePaths } from '../../judges/resolveJudgeSpec.ts';
import type { EngineHost } from '../host/engineHost.ts';
import { openJudgeModels } from './judgeModels.ts';

/** Keeps judges for a while after their use, since an editor uses the same judge again and again. */
export interface JudgeKeeper {
  /** Builds the judge, or takes the one that is kept, and keeps it while `work` runs. */
  use<T>(spec: JudgeSpec, work: (judge: Judge) => Promise<T>): Promise<T>;
  dispose(): Promise<void>;
}

export interface KeeperOptions {
  /** Number of unused judges that are kept. The default is 2. */
  readonly most?: number;
  /** How long an unused judge is kept, ms. The default is five minutes. */
  readonly idle?: number;
}

interface Kept {
  readonly key: string;
  readonly judge: Promise<Judge>;
  readonly dispose: () => Promise<void>;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

/** Recognises a judge by its specification, and by the size and modification time of every file that it names. */
export function createJudgeKeeper(host: EngineHost, { most = 2, idle = 300_000 }: KeeperOptions = {}): JudgeKeeper {
  // Ordered by last use, the latest last.
  const kept = new Map<string, Kept>();
  const drop = async (one: Kept): Promise<void> => {
    clearTimeout(one.timer);
    if (kept.get(one.key) === one) kept.delete(one.key);
    await one.dispose();
  };
  const taken = (key: string, spec: JudgeSpec): Kept => {
    const known = kept.get(key) ?? build(host, key, spec);
    clearTimeout(known.timer);
    kept.set(key, known);
    return known;
  };
  const given = async (one: Kept): Promise<void> => {
    one.timer = setTimeout(() => void drop(one).catch(() => undefined), idle);
    // The timer does not keep the process alive.
    one.timer.unref();
    kept.delete(one.key);
    kept.set(one.key, one);
    const unused = [...kept.values()].filter(({ users }) => users === 0);
    for (const old of unused.slice(0, Math.max(0, unused.length - most))) await drop(old);
  };
  return {
    use: async (spec, work) => {
      const one = taken(await keyOf(spec), spec);
      one.users++;
      try {
        return await work(await one.judge);
      } catch (error) {
        // A judge that could not be built is built again the next time. Models that were opened for it are
        // released.
        await one.judge.catch(() => drop(one));
        throw error;
      } finally {
        one.users--;
        if (one.users === 0 && kept.get(one.key) === one) await given(one);
      }
    },
    dispose: async () => {
      await Promise.all([...kept.values()].map(drop));
    },
  };
}

function build(host: EngineHost, key: string, spec: JudgeSpec): Kept {
  const { models, dispose } = openJudgeModels(host);
  return { key, judge: createJudge(spec, models), dispose, users: 0, timer: undefined };
}

async function keyOf(spec: JudgeSpec): Promise<string> {
  return JSON.stringify([spec, await Promise.all(judgePaths(spec).map(identity))]);
}

/** Size and modification time of a file, or of the files in a folder; undefined for what is not on the disk. */
async function identity(path: string): Promise<unknown> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return null;
  if (!found.isDirectory()) return [found.size, found.mtimeMs];
  const names = (await readdir(path)).sort();
  return Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(path, name));
      return [name, size, mtimeMs];
    }),
  );
}
