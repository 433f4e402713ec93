import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { billOfMaterials, bundledFolders, licencesText, readLicence } from '../../../scripts/thirdParty.mjs';

describe('what others wrote, in a package of ours', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'rankscope-licences-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const declare = (license: unknown, more: object = {}) =>
    writeFileSync(
      path.join(folder, 'package.json'),
      JSON.stringify({ name: 'one', version: '1.2.3', license, ...more }),
    );

  it('is found in the inputs of the bundles, each package once, a nested one apart', () => {
    const inputs = (...names: string[]) => ({ inputs: Object.fromEntries(names.map((name) => [name, {}])) });
    const folders = bundledFolders([
      inputs('server/cli/main.ts', 'node_modules/zod/index.js', 'node_modules/zod/v4/core.js'),
      inputs('node_modules/@a/b/dist/x.js', 'node_modules/@a/b/node_modules/tslib/tslib.js'),
    ]);
    assert.deepEqual(folders, ['node_modules/@a/b', 'node_modules/@a/b/node_modules/tslib', 'node_modules/zod']);
  });

  it('has the text of its licence and of its notice', async () => {
    declare('MIT');
    writeFileSync(path.join(folder, 'LICENSE.md'), 'The licence.\r\nIts second line.\n');
    writeFileSync(path.join(folder, 'NOTICE'), 'The notice.');
    writeFileSync(path.join(folder, 'licensed.js'), 'code');
    const licence = await readLicence(folder);
    assert.deepEqual(licence, {
      name: 'one',
      version: '1.2.3',
      license: 'MIT',
      text: 'The licence.\nIts second line.\n\n\nThe notice.',
    });
    assert.match(licencesText([licence]), /\none 1\.2\.3 \(MIT\)\n\nThe licence\.\nIts second line\./);
  });

  it('is named with its author where it ships no text', async () => {
    declare('ISC', { author: { name: 'A. Person' } });
    assert.equal((await readLicence(folder)).text, 'Declared in package.json: ISC, by A. Person.');
  });

  for (const license of ['(MIT OR GPL-3.0)', '(Apache-2.0 AND BSD-3-Clause)', '0BSD'])
    it(`is carried under ${license}`, async () => {
      declare(license);
      assert.equal((await readLicence(folder)).license, license);
    });

  for (const license of ['GPL-3.0', '(MIT AND GPL-3.0)', undefined, 'UNLICENSED'])
    it(`stops the package under ${license ?? 'no licence'}`, async () => {
      declare(license);
      await assert.rejects(readLicence(folder), /one 1\.2\.3 has the licence .*, which no package of ours may carry/);
    });

  const component = (name: string, more: object = {}) => ({
    'bom-ref': `${name}@1.0.0`,
    name,
    version: '1.0.0',
    ...more,
  });
  const whole = {
    metadata: { component: component('working-copy') },
    components: [component('zod', { properties: [{ name: 'cdx:npm:package:development' }] }), component('mocha')],
    dependencies: [
      { ref: 'zod@1.0.0', dependsOn: ['mocha@1.0.0'] },
      { ref: 'mocha@1.0.0', dependsOn: [] },
    ],
  };

  it('is listed in the bill of materials, and nothing else is', () => {
    const bill = billOfMaterials([{ name: 'zod', version: '1.0.0' }], whole);
    assert.deepEqual(bill.components, [{ ...component('zod'), scope: 'required' }]);
    assert.deepEqual(bill.dependencies, [
      { ref: 'zod@1.0.0', dependsOn: [] },
      { ref: 'working-copy@1.0.0', dependsOn: ['zod@1.0.0'] },
    ]);
    assert.deepEqual(bill.metadata.component, {
      ...component('rankscope'),
      'bom-ref': 'working-copy@1.0.0',
      type: 'application',
    });
  });

  it('stops the bill where the installation does not know it', () => {
    assert.throws(
      () => billOfMaterials([{ name: 'lost', version: '2.0.0' }], whole),
      /does not list lost@2\.0\.0: run npm ci/,
    );
  });
});
