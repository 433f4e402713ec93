/** Writes the adapters that dora.py opens in PEFT: exported/NAME. Run: npx tsx test/oracles/exportAdapters.ts */
import { mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { writePeftFolder } from '../../server/engine/adapters/peftFolder.ts';
import { EXPORTED, trainExported } from '../server/engine/adapters/exportedArms.ts';
import { openTiny } from '../server/engine/models/tinyModel.ts';

for (const one of EXPORTED) {
  const folder = fileURLToPath(new URL(`exported/${one.name}`, import.meta.url));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { definition } = await openTiny(one.model);
  await writePeftFolder(folder, await trainExported(one), 'tiny', definition);
}
