/**
 * Writes media/sweep.schema.json from the sweep file's definition, and the kinds of judges into the manifest's setting; tests
 * prove that the committed files are current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { sweepJsonSchema } from '../server/protocol/sweep/experiments.ts';
import { judgeKindNames } from '../server/protocol/sweep/judgeSpec.ts';

const root = path.join(import.meta.dirname, '..');
const write = async (file: string, json: string): Promise<void> => {
  const target = path.join(root, file);
  const config = await resolveConfig(target);
  writeFileSync(target, await format(json, { ...config, filepath: target }));
};

interface Manifest {
  readonly contributes: {
    readonly configuration: readonly { readonly properties: Readonly<Record<string, object>> }[];
  };
}

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
for (const { properties } of manifest.contributes.configuration) {
  const judge = properties['rankscope.judge'] as { properties: { kind: { enum: readonly string[] } } } | undefined;
  if (judge) judge.properties.kind.enum = judgeKindNames;
}
await write('package.json', JSON.stringify(manifest, null, 2));
await write('media/sweep.schema.json', JSON.stringify(sweepJsonSchema()));
