// What others wrote and a package of ours carries: their licences in one text, and a bill of materials (CycloneDX 1.5).
import { execFileSync } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

/** Licences that let us ship a copy under our own licence, as SPDX names them. */
const accepted = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0']);

/** Folders below node_modules whose files a bundle is made of, from esbuild's metafiles. */
export function bundledFolders(metafiles) {
  const folders = new Set();
  for (const { inputs } of metafiles) {
    for (const input of Object.keys(inputs)) {
      const found = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input.split(path.sep).join('/'));
      if (found) folders.add(found[0]);
    }
  }
  return [...folders].sort();
}

/** Folders of all that a package of ours carries: what its bundles are made of, and the runtime beside them. */
export function carriedFolders(metafiles) {
  return [...bundledFolders(metafiles), 'node_modules/onnxruntime-common', 'node_modules/onnxruntime-node'];
}

/** Name, version, declared licence and the text of it of one package's folder. */
export async function readLicence(folder) {
  const { name, version, license, author } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  if (!isAccepted(license)) {
    throw new Error(`${name} ${version} has the licence ${license ?? '(none)'}, which no package of ours may carry`);
  }
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)(\b|[-.])/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  const by = typeof author === 'string' ? author : author?.name;
  // The text of a package that ships none is the one that its declaration names.
  const text = texts.length > 0 ? texts.join('\n\n') : `Declared in package.json: ${license}${by ? `, by ${by}` : ''}.`;
  return { name, version, license, text: text.replaceAll('\r\n', '\n').trim() };
}

/** Of `A OR B` one choice must be accepted, of `A AND B` both. Expressions that mix the two are not read. */
function isAccepted(license) {
  if (typeof license !== 'string') return false;
  const expression = license.replace(/^\((.*)\)$/, '$1');
  if (expression.includes(' AND ')) return expression.split(' AND ').every((one) => accepted.has(one));
  return expression.split(' OR ').some((one) => accepted.has(one));
}

/** THIRD_PARTY_LICENSES.txt: each package with its licence, in order of names. */
export function licencesText(packages) {
  const rule = '-'.repeat(80);
  const parts = packages.map(({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text}\n`);
  return ['This package contains the following software.\n', ...parts].join(`\n${rule}\n`);
}

/** npm's bill of materials of the installation, cut down to the packages that a package of ours contains. */
export function billOfMaterials(packages, whole = npmBill()) {
  const wanted = new Set(packages.map(({ name, version }) => `${name}@${version}`));
  const components = whole.components
    .filter((component) => wanted.has(refOf(component)))
    // What only development needs is bundled all the same: it is here since it is in the package.
    .map(({ properties: _installation, ...component }) => ({ ...component, scope: 'required' }));
  const listed = new Set(components.map((component) => refOf(component)));
  const lost = [...wanted].filter((one) => !listed.has(one));
  if (lost.length > 0) throw new Error(`the installation does not list ${lost.join(', ')}: run npm ci`);
  // The description and the properties that npm gives are those of a working copy.
  const { description: _placeholder, properties: _private, ...component } = whole.metadata.component;
  const refs = new Set(components.map((one) => one['bom-ref']));
  return {
    ...whole,
    metadata: { ...whole.metadata, component: { ...component, type: 'application', name: 'rankscope' } },
    components,
    dependencies: whole.dependencies
      .filter(({ ref }) => refs.has(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }))
      .concat({ ref: component['bom-ref'], dependsOn: [...refs] }),
  };
}

const refOf = ({ name, group, version }) => `${group ? `${group}/` : ''}${name}@${version}`;

const npmBill = () =>
  JSON.parse(
    execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], {
      cwd: root,
      maxBuffer: 1 << 28,
      shell: process.platform === 'win32',
    }),
  );
