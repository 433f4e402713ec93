// Compiles server/engine/optimiser/assembly/adamw.ts to WebAssembly and writes it, in base64, as a TypeScript module, so
// that bundles and tests carry it alike. The result is committed; a test proves that it is what the source compiles to.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';

const root = path.join(import.meta.dirname, '..');
const source = path.join(root, 'server/engine/optimiser/assembly/adamw.ts');
const target = path.join(root, 'server/engine/optimiser/adamwKernel.generated.ts');

/** The module's text. */
export async function compileKernels() {
  const { error, binary, stderr } = await asc.compileString(
    { 'adamw.ts': readFileSync(source, 'utf8') },
    {
      optimizeLevel: 3,
      runtime: 'stub',
      importMemory: true,
      enable: ['simd'],
      noAssert: true,
      outFile: 'binary',
    },
  );
  if (error || !binary) throw new Error(`AssemblyScript: ${error?.message ?? 'no output'}\n${stderr}`);
  const base64 = Buffer.from(binary).toString('base64');
  return `/** Made by scripts/buildKernels.mjs from assembly/adamw.ts. */\nexport const adamwKernel =\n  '${base64}';\n`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(target, await compileKernels());
