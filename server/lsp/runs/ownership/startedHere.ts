/**
 * Which runs this installation has set going itself. A run folder can come with a repository, whatever it says of itself: a
 * run goes on without a question only where the note of it lies among what is the user's own, outside every workspace.
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
  /** Notes a run that is there as set going by this installation, with what it was asked to do. */
  note(run: string): Promise<void>;
  /** Whether the run was noted, and its record still asks for the same of the same data. Never rejects. */
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
        // No note, or one of a run that is gone or cannot be read: nothing that goes on by itself.
        return false;
      }
    },
    forget: async (run) => {
      await rm(await noteOf(run), { force: true });
    },
  };
}

/** Digest of what a run's record asks for and of what data; hashes may be added while it goes on, so they are left out. */
async function asked(run: string): Promise<string> {
  const { created, sweep, arms } = await readRecord(runFolder(run));
  return sha256(JSON.stringify({ created, sweep, arms }));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
