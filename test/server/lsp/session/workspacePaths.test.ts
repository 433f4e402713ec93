import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InitializeParams } from 'vscode-languageserver';
import {
  absolutePath,
  folderOf,
  withAbsolutePaths,
  workspaceFolders,
} from '../../../../server/lsp/session/workspacePaths.ts';

const params = (given: object) => given as InitializeParams;
const uri = (path: string) => pathToFileURL(path).href;

describe('paths of the settings', () => {
  it('are relative to the folder that holds the document, or to the first', () => {
    const folders = workspaceFolders(
      params({ workspaceFolders: [{ uri: uri('/a') }, { uri: uri('/b b') }], rootUri: null }),
    );
    assert.deepEqual(folders, [resolve('/a'), resolve('/b b')]);
    assert.equal(folderOf(uri('/b b/c/x.jsonl'), folders), resolve('/b b'));
    assert.equal(folderOf(uri('/elsewhere/x.jsonl'), folders), resolve('/a'));
    assert.equal(folderOf('untitled:1', []), undefined);
    assert.equal(absolutePath('m/x.json', resolve('/a')), resolve('/a/m/x.json'));
    assert.equal(absolutePath('~/x.json', undefined), join(homedir(), 'x.json'));
    assert.equal(absolutePath('x.json', undefined), 'x.json');
  });

  it('survive clients that say odd things of their folders', () => {
    for (const given of [
      {},
      { workspaceFolders: null, rootUri: uri('/r') },
      { workspaceFolders: [null, { uri: 7 }], rootUri: 5 },
    ]) {
      assert.ok(workspaceFolders(params(given)).length <= 1);
    }
    assert.deepEqual(workspaceFolders(params({ rootUri: 'file://%' })), []);
  });

  it('are made absolute in every judge; what is not on the disk may be a hub id', () => {
    const folder = import.meta.dirname;
    assert.deepEqual(withAbsolutePaths({ kind: 'lexicon', hurtLex: 'h.tsv' }, folder), {
      kind: 'lexicon',
      hurtLex: join(folder, 'h.tsv'),
    });
    assert.deepEqual(withAbsolutePaths({ kind: 'llm', model: 'owner/name' }, folder), {
      kind: 'llm',
      model: 'owner/name',
    });
    assert.deepEqual(withAbsolutePaths({ kind: 'llm', model: 'features' }, folder), {
      kind: 'llm',
      model: join(folder, 'features'),
    });
    const combined = { kind: 'combined', judges: [{ kind: 'linear', model: 'm.json' }] } as const;
    assert.deepEqual(withAbsolutePaths({ ...combined, judges: [...combined.judges] }, folder), {
      kind: 'combined',
      judges: [{ kind: 'linear', model: join(folder, 'm.json') }],
    });
  });
});
