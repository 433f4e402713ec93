/** Writes the reference part of docs/protocol.md from the schemas; a test proves that the committed file is current. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withReference } from './protocol/protocolDocument.ts';

const target = path.join(import.meta.dirname, '..', 'docs', 'protocol.md');
writeFileSync(target, await withReference(readFileSync(target, 'utf8'), target));
