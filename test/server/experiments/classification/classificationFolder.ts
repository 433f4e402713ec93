/** A folder with labelled texts and a sweep file, small enough to know all its numbers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClassificationSweepFile } from '../../../../server/protocol/sweep/classificationSweep.ts';

export interface ClassificationFolder {
  readonly path: string;
  readonly file: string;
  readonly run: string;
  remove(): void;
}

/** Twenty texts of each label to train on, ten of each to test on; women wrote the even ones. */
export function classificationFolder(over: Partial<ClassificationSweepFile> = {}): ClassificationFolder {
  const path = mkdtempSync(join(tmpdir(), 'rankscope-labels-'));
  const rows = (count: number, where: string): string =>
    Array.from({ length: count }, (_, i) => {
      const who = i % 2 === 0 ? 'women' : 'men';
      return `a good ${where} ${i}\t1\t${who}\na bad ${where} ${i}\t0\t${who}\n`;
    }).join('');
  writeFileSync(join(path, 'train.tsv'), `sentence\tlabel\tauthor\n${rows(20, 'film')}`);
  writeFileSync(join(path, 'test.tsv'), `sentence\tlabel\tauthor\n${rows(10, 'play')}`);
  writeFileSync(join(path, 'model.gguf'), '');
  const sweep: ClassificationSweepFile = {
    experiment: 'classification',
    model: 'model.gguf',
    data: {
      train: { file: 'train.tsv' },
      test: { file: 'test.tsv' },
      minority: { group: 'positive', rates: [1, 0.1] },
    },
    arms: { ranks: [2, 8], learningRate: 2e-5 },
    evaluation: { resamples: 200 },
    checkpointEverySteps: 2,
    ...over,
  };
  const file = join(path, 'sweep.json');
  writeFileSync(file, JSON.stringify(sweep));
  return { path, file, run: join(path, 'run'), remove: () => rmSync(path, { recursive: true, force: true }) };
}
