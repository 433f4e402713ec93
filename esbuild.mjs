// Bundles the processes into dist/: one CommonJS file each, which Node 20 and the extension host load alike. The native
// runtime stays outside; everything else, ESM packages included, goes in. `--watch` keeps bundling.
import { chmod } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const root = import.meta.dirname;

/** Bundle name, its entry, and what starts the file. */
const bundles = [
  { name: 'cli', entry: 'server/cli/main.ts', banner: '#!/usr/bin/env node' },
  { name: 'worker', entry: 'server/worker/main.ts' },
  { name: 'server', entry: 'server/lsp/main.ts' },
];

/** esbuild's settings of one bundle, for a working copy at `root` and its output in `outdir`. */
export function settings({ name, entry, banner }, outdir = path.join(root, 'dist')) {
  return {
    entryPoints: [path.join(root, entry)],
    outfile: path.join(outdir, `${name}.cjs`),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['onnxruntime-node', 'vscode'],
    // ESM packages and our own sources may ask where they are; CommonJS knows under another name.
    define: { 'import.meta.url': 'importMetaUrl', 'import.meta.dirname': '__dirname' },
    banner: {
      js: `${banner ? `${banner}\n` : ''}const importMetaUrl = require('node:url').pathToFileURL(__filename).href;`,
    },
    sourcemap: 'linked',
    legalComments: 'linked',
    logLevel: 'warning',
  };
}

export async function bundle(outdir) {
  for (const one of bundles.filter(({ entry }) => existsSync(path.join(root, entry)))) {
    await esbuild.build(settings(one, outdir));
    if (one.banner) await chmod(settings(one, outdir).outfile, 0o755);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--watch')) {
    for (const one of bundles) await (await esbuild.context(settings(one))).watch();
  } else {
    await bundle();
  }
}
