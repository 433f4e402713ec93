import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { restrictedSettings, settingReach, withoutReach } from '../../../client/trust/settingReach.ts';

interface Manifest {
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly configuration: readonly { readonly properties: Readonly<Record<string, unknown>> }[];
  };
}

describe('what settings reach', () => {
  const manifest = JSON.parse(
    readFileSync(path.join(import.meta.dirname, '..', '..', '..', 'package.json'), 'utf8'),
  ) as Manifest;
  const named = (settings: readonly string[]): readonly string[] => settings.map((name) => `rankscope.${name}`).sort();

  it('is said of every setting that there is', () => {
    const settings = manifest.contributes.configuration.flatMap(({ properties }) => Object.keys(properties));
    assert.deepEqual(named(Object.keys(settingReach)), settings.sort());
  });

  it('is what the manifest restricts in a workspace without trust', () => {
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.deepEqual([...restrictedConfigurations].sort(), named(restrictedSettings));
    assert.ok(restrictedConfigurations.includes('rankscope.counterfactuals'));
  });

  it('keeps from the server there what names a file or an address', () => {
    const settings = { judge: { kind: 'llm', model: 'x' }, counterfactuals: { pairs: '/dev/zero' }, inlayHints: 'off' };
    assert.deepEqual(withoutReach(settings), { inlayHints: 'off' });
    assert.equal(withoutReach(null), null);
  });
});
