// Makes the extension's packages: npm run package -- [TARGET...]. Without a target it makes one for each platform that
// the native runtime is shipped for. Each holds its platform's runtime alone, beside the bundles that load it.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { bundle } from '../esbuild.mjs';
import { collectStrings } from './collectStrings.mjs';
import { billOfMaterials, carriedFolders, licencesText, readLicence } from './thirdParty.mjs';

const root = path.join(import.meta.dirname, '..');
const modules = path.join(root, 'node_modules');

/** VS Code's name of each platform, and the runtime's folder of it. */
export const targets = {
  'linux-x64': 'linux/x64',
  'linux-arm64': 'linux/arm64',
  'win32-x64': 'win32/x64',
  'win32-arm64': 'win32/arm64',
  'darwin-arm64': 'darwin/arm64',
};

/** What goes in as it stands. Whatever is not named here or made by `stage` stays out. */
const taken = ['README.md', 'CHANGELOG.md', 'LICENSE', 'SECURITY.md', 'media', 'examples/demo'];

/** Fields of package.json that only a working copy needs. */
const left = ['scripts', 'devDependencies', 'dependencies', 'bin', 'private'];

/** Bundles and everything that all platforms share, in a folder of their own. */
async function stage(folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const metafiles = await bundle(path.join(folder, 'dist'), { production: true });
  await stageThirdParty(folder, metafiles);
  for (const name of [...taken, ...(await translations())]) {
    await cp(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  // A page that diagnostics link to, where it is written.
  const judges = path.join('docs', 'judges.md');
  if (existsSync(path.join(root, judges))) await cp(path.join(root, judges), path.join(folder, judges));
  await mkdir(path.join(folder, 'l10n'));
  await writeFile(path.join(folder, 'l10n', 'bundle.l10n.json'), JSON.stringify(collectStrings(), null, 2));
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  for (const field of left) delete manifest[field];
  await writeFile(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  // Everything in this folder was put here on purpose.
  await writeFile(path.join(folder, '.vscodeignore'), '.vscodeignore\n');
}

/** What others wrote: the licences of all that was bundled and of the runtime beside it, and a bill of materials. */
async function stageThirdParty(folder, metafiles) {
  const read = await Promise.all(carriedFolders(metafiles).map((one) => readLicence(path.join(root, one))));
  const packages = read.sort((a, b) => a.name.localeCompare(b.name, 'en'));
  await writeFile(path.join(folder, 'THIRD_PARTY_LICENSES.txt'), licencesText(packages));
  await writeFile(path.join(folder, 'sbom.cdx.json'), `${JSON.stringify(billOfMaterials(packages), null, 2)}\n`);
}

async function translations() {
  return (await readdir(root)).filter((name) => /^package\.nls(\.[\w-]+)?\.json$/.test(name));
}

/** The native runtime of one platform, where `require('onnxruntime-node')` in dist/worker.cjs finds it. */
async function stageRuntime(folder, platform) {
  const to = path.join(folder, 'dist', 'node_modules');
  await rm(to, { recursive: true, force: true });
  const binaries = path.join('bin', 'napi-v6', ...platform.split('/'));
  const parts = {
    'onnxruntime-node': ['package.json', 'dist', binaries],
    'onnxruntime-common': ['package.json', 'dist/cjs'],
  };
  for (const [name, files] of Object.entries(parts)) {
    for (const file of files) {
      await cp(path.join(modules, name, file), path.join(to, name, file), { recursive: true, filter: isNeeded });
    }
  }
}

/** The runtime's own installer of its CUDA provider, with what it needs in one file: a package has no modules of it. */
async function stageInstaller(folder) {
  const runtime = path.join(modules, 'onnxruntime-node');
  await esbuild.build({
    entryPoints: [path.join(runtime, 'script', 'install.js')],
    outfile: path.join(folder, 'dist', 'node_modules', 'onnxruntime-node', 'script', 'install.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    legalComments: 'linked',
    logLevel: 'warning',
  });
}

/** Neither maps nor types are loaded by anything. */
const isNeeded = (file) => !/\.(map|d\.ts)$/.test(file);

async function make(folder, target, out) {
  await stageRuntime(folder, targets[target]);
  if (target === 'linux-x64') await stageInstaller(folder);
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const file = path.join(out, `rankscope-${target}-${version}.vsix`);
  const vsce = fileURLToPath(import.meta.resolve('@vscode/vsce/vsce'));
  const options = [
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--target',
    target,
    '--out',
    file,
  ];
  execFileSync(process.execPath, [vsce, ...options], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return file;
}

/** Makes the packages of `wanted` targets in `out`; gives their paths. */
export async function makePackages(wanted, out = root) {
  const unknown = wanted.find((target) => !(target in targets));
  if (unknown) throw new Error(`no package is made for ${unknown}; there are: ${Object.keys(targets).join(', ')}`);
  const folder = path.join(modules, '.cache', 'package');
  await mkdir(out, { recursive: true });
  await stage(folder);
  const files = [];
  for (const target of wanted) files.push(await make(folder, target, out));
  return files;
}

if (process.argv[1] === import.meta.filename) {
  const asked = process.argv.slice(2);
  for (const file of await makePackages(asked.length > 0 ? asked : Object.keys(targets))) {
    const { size } = await stat(file);
    process.stdout.write(`${path.basename(file)}  ${(size / 1e6).toFixed(1)} MB\n`);
  }
}
