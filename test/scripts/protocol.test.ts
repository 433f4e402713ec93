/** docs/protocol.md names every message that crosses a process, with the types of the schemas, and nothing else. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { describeSchema, lineage } from '../../scripts/protocol/describeSchema.ts';
import { mark, withReference } from '../../scripts/protocol/protocolDocument.ts';
import { protocolReference } from '../../scripts/protocol/protocolReference.ts';
import { panelContract } from '../../server/protocol/messages/panelContract.ts';
import { runsContract } from '../../server/protocol/messages/runsContract.ts';
import { workerContract } from '../../server/protocol/messages/worker.ts';

const root = join(import.meta.dirname, '..', '..');
const file = join(root, 'docs', 'protocol.md');
const document = await readFile(file, 'utf8');
const { seen, text: reference } = protocolReference();

/** These describe the sweep file, which media/sweep.schema.json documents. */
const ofSweepFiles = [
  'adapterMethod.ts',
  'chatFraming.ts',
  'classificationSweep.ts',
  'sweepParts.ts',
  'toxicitySweep.ts',
];

describe('docs/protocol.md', () => {
  it('is what scripts/writeProtocol.ts writes from the schemas', async () => {
    assert.ok(document === (await withReference(document, file)), 'run "npx tsx scripts/writeProtocol.ts"');
  });

  it('describes every schema that server/protocol exports', async () => {
    const folder = join(root, 'server', 'protocol');
    const missing: string[] = [];
    for (const name of (await readdir(folder, { recursive: true })).filter(
      (one) => one.endsWith('.ts') && !ofSweepFiles.includes(basename(one)),
    )) {
      const exported = (await import(pathToFileURL(join(folder, name)).href)) as Readonly<Record<string, unknown>>;
      for (const [key, value] of Object.entries(exported)) {
        if (value instanceof z.ZodType && !lineage(value).some((own) => seen.has(own))) missing.push(`${name}: ${key}`);
      }
    }
    assert.deepEqual(missing, []);
  });

  it('has a section for every request of every border', () => {
    const names = [runsContract, panelContract, workerContract].flatMap((contract) => Object.keys(contract));
    const missing = names.filter(
      (name) => !reference.includes(`\n#### \`${name}\`\n`) && !reference.includes(`\`${name}\`,`),
    );
    assert.deepEqual(missing, []);
  });

  it('speaks in its prose of no request that does not exist', () => {
    const prose = document.slice(0, document.indexOf(mark));
    const written = [...prose.matchAll(/`((?:runs?|review|devices|models|sweep|labels|export)\.[a-zA-Z]+)`/g)].map(
      ([, name]) => name ?? '',
    );
    const existing = new Set([
      ...Object.keys(runsContract),
      ...Object.keys(panelContract),
      ...Object.keys(workerContract),
    ]);
    assert.deepEqual(
      written.filter((name) => !existing.has(name) && !reference.includes(`#### \`${name}\``)),
      [],
    );
    assert.ok(written.length > 3);
  });
});

describe('describeSchema', () => {
  const named = new Map<z.ZodType, string>();
  const lines = (schema: z.ZodType, side: 'input' | 'output' = 'output') =>
    describeSchema(schema, { named, side, seen: new Set() }).lines;

  it('writes each field with its type, its bounds and its meaning', () => {
    const schema = z.object({
      rank: z.int().min(1).max(64).describe('Of the adapter.'),
      share: z.number().gt(0).lt(1),
      word: z.enum(['safe', 'unsafe']).nullable(),
      ids: z.array(z.int()).exactOptional(),
    });
    assert.deepEqual(lines(schema), [
      '- `rank`: integer from 1 to 64. Of the adapter.',
      '- `share`: number above 0 below 1',
      '- `word`: `"safe"` or `"unsafe"` or null',
      '- `ids` (optional): list of integer',
    ]);
  });

  it('writes fields of fields beneath them', () => {
    const schema = z.object({ of: z.record(z.string(), z.array(z.object({ arm: z.string() }))) });
    assert.deepEqual(lines(schema), ['- `of`: map from text to list of object', '  - `arm`: text']);
  });

  it('writes alternatives by the tag that tells them apart', () => {
    const schema = z.discriminatedUnion('tag', [
      z.object({ tag: z.literal('a') }).describe('First.'),
      z.object({ tag: z.literal('b'), n: z.int() }),
    ]);
    assert.deepEqual(lines(schema), [
      '- `tag` `"a"`: First.',
      '  - `tag`: `"a"`',
      '- `tag` `"b"`',
      '  - `tag`: `"b"`',
      '  - `n`: integer',
    ]);
  });

  it('says what a sender may leave out, and what a reader finds then', () => {
    const schema = z.object({ n: z.int().default(3) });
    assert.deepEqual(lines(schema, 'input'), ['- `n` (optional): integer. Default: `3`.']);
    assert.deepEqual(lines(schema), ['- `n`: integer']);
  });

  it('links to a schema that has a section of its own, also where its use is described', () => {
    const shared = z.object({ value: z.number() }).describe('A figure.');
    named.set(shared, 'Shared figure');
    assert.deepEqual(lines(z.object({ a: shared, b: shared.describe('The second.') })), [
      '- `a`: [Shared figure](#shared-figure)',
      '- `b`: [Shared figure](#shared-figure). The second.',
    ]);
  });

  it('refuses what it does not understand', () => {
    assert.throws(() => describeSchema(z.date(), { named, side: 'output', seen: new Set() }), /date/);
  });
});
