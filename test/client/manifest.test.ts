import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { schemaAddress } from '../../client/sweeps/forms/sweepText.ts';
import { collectStrings } from '../../scripts/collectStrings.mjs';
import { judgeKindNames } from '../../server/protocol/sweep/judgeSpec.ts';
import { panelCommands } from '../../server/protocol/messages/panelContract.ts';
import { panelNames } from '../../server/protocol/messages/panelStates.ts';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(root, file), 'utf8'));

interface Setting {
  readonly markdownDescription?: string;
  readonly scope?: string;
  readonly properties?: { readonly kind: { readonly enum: readonly string[] } };
}
interface Manifest {
  readonly icon: string;
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when?: string }[]>>;
    readonly configuration: readonly { readonly properties: Readonly<Record<string, Setting>> }[];
    readonly jsonValidation: readonly { readonly url: string }[];
    readonly walkthroughs: readonly { readonly steps: readonly { readonly media: { readonly markdown: string } }[] }[];
  };
}

describe('the manifest', () => {
  const manifest = read('package.json') as Manifest;
  const { contributes } = manifest;
  const commands = new Set(contributes.commands.map(({ command }) => command));
  const settings = Object.assign({}, ...contributes.configuration.map(({ properties }) => properties)) as Record<
    string,
    Setting
  >;

  it('has every text that it names, and no other', () => {
    const used = [...JSON.stringify(manifest).matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(read('package.nls.json') as object).sort());
  });

  it('offers in menus what there is', () => {
    for (const [menu, items] of Object.entries(contributes.menus)) {
      for (const { command } of items) assert.ok(commands.has(command), `${menu}: ${command}`);
    }
  });

  it('starts the extension for every panel that the editor restores', () => {
    const wakes = manifest.activationEvents.flatMap(
      (event) => /^onWebviewPanel:rankscope\.(.*)/.exec(event)?.[1] ?? [],
    );
    assert.deepEqual(wakes.sort(), [...panelNames].sort());
  });

  it('takes judges of every kind that there is', () => {
    assert.deepEqual(settings['rankscope.judge']?.properties?.kind.enum, judgeKindNames);
  });

  it('has every command that panels may run', () => {
    for (const command of Object.keys(panelCommands)) assert.ok(commands.has(command), command);
  });

  it('offers nothing that runs something without trust', () => {
    const runs =
      /\.(runSweep|estimateSweep|planSweep|resumeRun|continueRun|tryPrompt|showLens|newSweep|sweepOnThis|sweepOnModel)$/;
    for (const [menu, items] of Object.entries(contributes.menus)) {
      for (const { command, when } of items.filter((item) => runs.test(item.command))) {
        if (when === 'false' || when === 'view == rankscope.runs') continue;
        assert.match(when ?? '', /isWorkspaceTrusted/, `${menu}: ${command}`);
      }
    }
  });

  it('describes each setting, and keeps paths to the machine', () => {
    for (const [name, { markdownDescription, scope }] of Object.entries(settings)) {
      assert.ok(markdownDescription, name);
      assert.ok(scope, name);
      if (/Folders?$/.test(name)) assert.equal(scope, 'machine', name);
    }
    assert.equal(settings['rankscope.judge']?.scope, 'machine-overridable');
  });

  it('names files that are there', () => {
    const pages = contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.markdown));
    for (const file of [manifest.icon, ...pages]) assert.ok(existsSync(path.join(root, file)), file);
  });

  it('is woken by what it serves, and by no JSON of others', () => {
    assert.deepEqual(
      contributes.jsonValidation.map(({ url }) => url),
      [schemaAddress],
    );
    assert.ok(manifest.activationEvents.includes(`onFileSystem:${schemaAddress.split(':')[0] ?? ''}`));
    assert.ok(manifest.activationEvents.every((event) => event !== '*' && event !== 'onLanguage:json'));
  });
});

describe('what is said', () => {
  it('is collected for translators from the editor and from its panels', () => {
    const texts = collectStrings();
    for (const text of [
      'New Sweep: Base Model',
      '{0} min',
      'Compare Ranks',
      'Training loss',
      'Keys: j next, k previous',
    ]) {
      assert.ok(
        Object.keys(texts).some((known) => known.startsWith(text)),
        text,
      );
    }
    assert.ok(Object.entries(texts).every(([key, value]) => key === value && key.trim() !== ''));
  });
});
