// Bundles the processes into dist/: one CommonJS file each, which Node 20 and the extension host load alike. The native
// runtime stays outside; everything else, ESM packages included, goes in. Panels become one script and one style sheet
// each in dist/webview/. `--watch` keeps bundling, `--production` makes bundles small and leaves source maps out.
import { chmod } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const root = import.meta.dirname;

/** Bundle name, its entry, and what starts the file. */
const bundles = [
  { name: 'cli', entry: 'server/cli/main.ts', banner: '#!/usr/bin/env node' },
  { name: 'worker', entry: 'server/worker/main.ts' },
  { name: 'server', entry: 'server/lsp/main.ts' },
  { name: 'client', entry: 'client/extension.ts' },
];

/** Every folder of webview/ that has a main.ts is a panel: dist/webview/<panel>.js, and .css of what it imports. */
function panels() {
  const folder = path.join(root, 'webview');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => existsSync(path.join(folder, name, 'main.ts')));
}

/** esbuild's settings of the panels, together. */
export function panelSettings(outdir = path.join(root, 'dist'), { production = false } = {}) {
  return {
    entryPoints: Object.fromEntries(panels().map((name) => [name, path.join(root, 'webview', name, 'main.ts')])),
    outdir: path.join(outdir, 'webview'),
    bundle: true,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    minify: production,
    sourcemap: production ? false : 'linked',
    legalComments: 'linked',
    logLevel: 'warning',
    metafile: true,
  };
}

/** esbuild's settings of one bundle, for a working copy at `root` and its output in `outdir`. */
export function settings({ name, entry, banner }, outdir = path.join(root, 'dist'), { production = false } = {}) {
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
    minify: production,
    // Messages and checks read the names of classes.
    keepNames: production,
    sourcemap: production ? false : 'linked',
    legalComments: 'linked',
    logLevel: 'warning',
    metafile: true,
  };
}

/** Makes all bundles; gives esbuild's metafiles, which name every file that went in. */
export async function bundle(outdir, options) {
  const metafiles = [];
  for (const one of bundles.filter(({ entry }) => existsSync(path.join(root, entry)))) {
    metafiles.push((await esbuild.build(settings(one, outdir, options))).metafile);
    if (one.banner) await chmod(settings(one, outdir).outfile, 0o755);
  }
  if (panels().length > 0) metafiles.push((await esbuild.build(panelSettings(outdir, options))).metafile);
  return metafiles;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--watch')) {
    for (const one of bundles) await (await esbuild.context(settings(one))).watch();
    if (panels().length > 0) await (await esbuild.context(panelSettings())).watch();
  } else {
    await bundle(undefined, { production: process.argv.includes('--production') });
  }
}
