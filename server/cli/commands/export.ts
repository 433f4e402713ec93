import { copyFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { RankscopeError } from '../../protocol/errors.ts';
import { armWeightFiles } from '../../runs/armWeightFiles.ts';
import { writeFolderAtomic } from '../../runs/atomicWrite.ts';
import { readRun, type StoredRun } from '../../runs/readRun.ts';
import { assertVacant } from '../../runs/runStore.ts';
import type { Command } from '../command.ts';
import { requiredText } from '../values.ts';

export const exportCommand: Command = {
  name: 'export',
  summary: 'Copy the weights of an arm: a PEFT adapter folder, or the full model.',
  usage: 'RUN --arm ARM --out DIR',
  help: [
    ['--arm ARM', 'name of the arm, such as r8 or full'],
    ['--out DIR', 'new or empty folder'],
  ],
  examples: ['rankscope export runs/first --arm r8 --out adapters/r8'],
  options: { arm: { type: 'string' }, out: { type: 'string' } },
  positionals: [1, 1],
  async run({ positionals: [path = ''], values }, context) {
    const id = requiredText(values, 'arm');
    const out = resolve(requiredText(values, 'out'));
    const run = await readRun(path);
    const files = await weightsOf(run, id);
    await assertVacant(out);
    await writeFolderAtomic(out, async (directory) => {
      for (const name of files) await copyFile(join(run.folder.arm(id), name), join(directory, name));
    });
    context.write(`${files.map((name) => join(out, name)).join('\n')}\n`);
    return 0;
  },
};

async function weightsOf(run: StoredRun, id: string): Promise<readonly string[]> {
  const trained = run.record.arms.filter(({ method }) => method !== 'base').map((arm) => arm.id);
  if (!trained.includes(id)) {
    const remedy = `The trained arms are ${trained.join(', ')}.`;
    throw new RankscopeError({
      code: 'usage',
      what: `the run has no trained arm "${id}"`,
      where: run.folder.path,
      remedy,
    });
  }
  const files = await armWeightFiles(run.folder, id);
  if (files.length > 0) return files;
  throw new RankscopeError({
    code: 'run',
    what: `the arm ${id} has no weights yet (the run is ${run.state})`,
    where: run.folder.path,
    remedy: run.state === 'finished' ? 'The arm failed: see the report.' : 'Finish it with: rankscope resume.',
  });
}
