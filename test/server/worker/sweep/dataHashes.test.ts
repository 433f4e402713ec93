import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sweepFileSchema } from '../../../../server/protocol/sweep/experiments.ts';
import { dataHashes } from '../../../../server/worker/sweep/dataHashes.ts';
import { temporaryFolder } from '../../runs/sampleRun.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the hashes of the files that a sweep names', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());
  /** A file that holds its own name. */
  const file = (name: string): string => {
    const path = join(folder.path, name);
    writeFileSync(path, name);
    return path;
  };

  it('stand each under the place of its own file', async () => {
    const sweep = sweepFileSchema.parse({
      ...{ experiment: 'toxicity', model: 'm' },
      data: {
        prompts: { file: file('prompts'), more: [file('more prompts')] },
        heldOut: { file: file('held') },
        pairs: { file: file('pairs') },
        heldOutPairs: { file: file('held pairs') },
      },
      evaluation: { hurtLex: file('lexicon') },
    });
    assert.deepEqual(await dataHashes(sweep), {
      ...{ prompts: hash('prompts'), 'prompts 2': hash('more prompts'), heldOut: hash('held') },
      ...{ pairs: hash('pairs'), heldOutPairs: hash('held pairs'), hurtLex: hash('lexicon') },
    });
  });

  it('of a classification sweep are those of its training and test files', async () => {
    const sweep = sweepFileSchema.parse({
      ...{ experiment: 'classification', model: 'm' },
      data: { train: { file: file('train') }, test: { file: file('test') } },
    });
    assert.deepEqual(await dataHashes(sweep), { train: hash('train'), test: hash('test') });
  });
});
