/** Writes media/sweep.schema.json from the sweep file's definition; a test proves that the committed file is current. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { sweepJsonSchema } from '../server/protocol/experiments.ts';

const target = path.join(import.meta.dirname, '..', 'media', 'sweep.schema.json');
const config = await resolveConfig(target);
writeFileSync(target, await format(JSON.stringify(sweepJsonSchema()), { ...config, filepath: target }));
