import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { downloads } from '../../../client/sweeps/downloads.ts';
import type { ToxicitySweepChoice } from '../../../client/sweeps/sweepChoice.ts';
import { schemaAddress, sweepText } from '../../../client/sweeps/sweepText.ts';
import { toxicitySweepSchema } from '../../../server/protocol/sweepFile.ts';

const choice: ToxicitySweepChoice = {
  name: 'mine',
  model: { kind: 'path', path: '/w/models/small' },
  prompts: '/w/data/prompts.tsv',
  heldOut: '/w/data/held-out-prompts.tsv',
  pairs: '/w/data/pairs.jsonl',
  ranks: [2, 8],
  full: true,
  effort: 'quick',
};

describe('a new sweep file', () => {
  it('is one that the engine takes, with paths from where it lies', () => {
    const text = sweepText(choice, '/w/data');
    const sweep = toxicitySweepSchema.parse(JSON.parse(text));
    assert.equal(sweep.$schema, schemaAddress);
    assert.equal(sweep.model, '../models/small');
    assert.deepEqual(sweep.arms.ranks, [2, 8]);
    assert.match(text, /"file": "held-out-prompts.tsv"/);
  });

  it('names a hub id as it is', () => {
    const hub = { ...choice, model: { kind: 'hub', id: 'owner/name' } as const, effort: 'paper' as const };
    assert.equal(toxicitySweepSchema.parse(JSON.parse(sweepText(hub, '/w/data'))).model, 'owner/name');
  });

  it('leaves held-out prompts to their default where there are none', () => {
    const sweep = JSON.parse(sweepText({ ...choice, heldOut: undefined }, '/w')) as { data: object };
    assert.deepEqual(Object.keys(sweep.data), ['prompts', 'pairs']);
  });
});

describe('what a sweep file would download', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'rankscope-downloads-'))));
  after(() => rm(folder, { recursive: true }));

  const of = async (sweep: unknown) => {
    const file = path.join(folder, 'a.sweep.json');
    await writeFile(file, typeof sweep === 'string' ? sweep : JSON.stringify(sweep));
    return downloads(file);
  };

  it('is every model that is no file: base, generator and judge', async () => {
    const judge = { kind: 'llm', model: 'b/judge' };
    const found = await of({ model: 'a/base', data: { counterfactuals: { model: 'a/generator' } }, judge });
    assert.deepEqual(found, ['a/base', 'a/generator', 'b/judge']);
  });

  it('is nothing that is there, and no path', async () => {
    await mkdir(path.join(folder, 'models', 'here'), { recursive: true });
    assert.deepEqual(await of({ model: 'models/here' }), []);
    assert.deepEqual(await of({ model: '../x.gguf' }), []);
    assert.deepEqual(await of('no JSON'), []);
  });
});
