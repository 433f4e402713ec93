/**
 * Notes which runs this installation has started. A run folder may come with a cloned repository, and its own files prove
 * nothing: a run is resumed without a question only where a note of it lies in the user's cache folder, outside every workspace.
 */
import { createHash } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readPlainText } from '../../../files/plainFile.ts';
import { writeFileAtomic } from '../../../runs/atomicWrite.ts';
import { onDisk } from '../../../runs/diskError.ts';
import { readRecord } from '../../../runs/readRun.ts';
import { runFolder } from '../../../runs/runFolder.ts';

export interface StartedHere {
  /** Notes that this installation has started a run, with a digest of the run's settings. */
  note(run: string): Promise<void>;
  /** Whether the run was noted, and its record still describes the same sweep on the same data. Never rejects. */
  has(run: string): Promise<boolean>;
  forget(run: string): Promise<void>;
}

const note = z.object({ run: z.string(), asked: z.string() });

/** The notes under a folder that only the user writes to, one file a run. */
export function startedHere(folder: string): StartedHere {
  const noteOf = async (run: string): Promise<string> => join(folder, `${sha256(await realpath(run))}.json`);
  return {
    note: async (run) => {
      await onDisk(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
      await writeFileAtomic(
        await noteOf(run),
        JSON.stringify({ run, asked: await asked(run) } satisfies z.output<typeof note>),
      );
    },
    has: async (run) => {
      try {
        const { asked: noted } = note.parse(JSON.parse(await readPlainText(await noteOf(run), { links: 'refuse' })));
        return noted === (await asked(run));
      } catch {
        // There is no note, or the run cannot be read. Then nothing resumes it automatically.
        return false;
      }
    },
    forget: async (run) => {
      await rm(await noteOf(run), { force: true });
    },
  };
}

/** Digest of the sweep and the arms of a run's record. Its hashes are not part of it, since a run may add some while it trains. */
async function asked(run: string): Promise<string> {
  const { created, sweep, arms } = await readRecord(runFolder(run));
  return sha256(JSON.stringify({ created, sweep, arms }));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
