import { constants } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { noFollow, readPlainText } from '../../files/plainFile.ts';
import type { Verdict } from '../../judges/judge/judge.ts';
import { judgedSchema } from '../../protocol/messages/worker.ts';

type Judged = Extract<Verdict, { kind: 'judged' }>;

/** Verdicts of one judge by content hash, in memory and on the disk. */
export interface VerdictCache {
  get(content: string): Judged | undefined;
  /** Adds verdicts. They are written to the disk later. */
  add(entries: readonly (readonly [content: string, verdict: Judged])[]): void;
  /** Resolves when everything that was added is on the disk, or could not be written. */
  written(): Promise<void>;
}

/** A file larger than this is started again, bytes. A cache may lose entries. */
const largestFile = 200_000_000;
/** Most verdicts in memory; the oldest are removed first. */
const mostEntries = 500_000;
/** Lines that are read before other work runs. */
const linesPerTurn = 2000;

/**
 * Opens the cached verdicts of the judge with the given hash, `FOLDER/HASH.jsonl`. Never rejects: without a
 * readable file the cache starts empty, and without a writable folder it exists in memory alone.
 */
export async function openVerdictCache(folder: string, judgeHash: string): Promise<VerdictCache> {
  const path = join(folder, `${judgeHash}.jsonl`);
  const entries = await read(path).catch(() => new Map<string, Judged>());
  let writing: Promise<unknown> = mkdir(dirname(path), { recursive: true }).catch(() => undefined);
  return {
    get: (content) => entries.get(content),
    add: (added) => {
      const fresh = added.filter(([content]) => !entries.has(content));
      for (const [content, verdict] of fresh) entries.set(content, verdict);
      for (const content of entries.keys()) {
        if (entries.size <= mostEntries) break;
        entries.delete(content);
      }
      const lines = fresh.map(([content, verdict]) => `${JSON.stringify([content, verdict])}\n`).join('');
      // Each write appends whole lines and waits for the one before. A failed write is ignored, since the cache
      // works without the file.
      if (lines !== '') writing = writing.then(() => append(path, lines)).catch(() => undefined);
    },
    written: async () => {
      await writing;
    },
  };
}

/** Appends without following a link at the path. */
async function append(path: string, lines: string): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | noFollow);
  try {
    await file.appendFile(lines);
  } finally {
    await file.close();
  }
}

async function read(path: string): Promise<Map<string, Judged>> {
  const entries = new Map<string, Judged>();
  if ((await stat(path)).size > largestFile) {
    await rm(path);
    return entries;
  }
  const lines = (await readPlainText(path, { links: 'refuse' })).split('\n');
  for (let i = 0; i < lines.length; i++) {
    if (i % linesPerTurn === linesPerTurn - 1) await nextTurn();
    const entry = parseEntry(lines[i] ?? '');
    if (entry !== undefined) entries.set(...entry);
  }
  return entries;
}

const entry = z.tuple([z.string(), judgedSchema]);

/** Skips a line that a crash cut short, or that another version wrote. */
function parseEntry(line: string): [string, Judged] | undefined {
  if (line === '') return undefined;
  try {
    return entry.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
