/** A panel that is added in five files of a scratch copy, as docs/extending.md has it, is there in every place. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import esbuild, { type BuildOptions } from 'esbuild';
import type * as guardModule from '../../../client/panels/panelGuard.ts';
import type * as statesModule from '../../../server/protocol/messages/panelStates.ts';

/** What esbuild.mjs exports. */
interface Bundler {
  readonly panelSettings: (outdir: string) => BuildOptions & { readonly entryPoints: Readonly<Record<string, string>> };
  readonly settings: (bundle: { readonly name: string; readonly entry: string }, outdir: string) => BuildOptions;
}

const root = join(import.meta.dirname, '..', '..', '..');

/** File, the text before which something is put, and what is put there. */
const edits: readonly (readonly [file: string, before: string, added: string])[] = [
  [
    'server/protocol/messages/panelStates.ts',
    ']);\nexport type PanelState',
    "  z.object({ panel: z.literal('scratch'), run: path }),\n",
  ],
  [
    'server/protocol/messages/panelStates.ts',
    '};\n\nexport const panelNames',
    "  scratch: { ...ofOneRun, title: (_, say) => say('Scratch Panel') },\n",
  ],
  [
    'client/commandTable.ts',
    '  reviewFlagged,\n',
    "  showScratch: ({ panels }, given) => panels.show({ panel: 'scratch', run: commandArgument(given).run ?? '' }),\n",
  ],
  ['package.json', '    "onWebviewPanel:rankscope.run",', '    "onWebviewPanel:rankscope.scratch",\n'],
  [
    'package.json',
    '      {\n        "command": "rankscope.showDevices",\n        "title"',
    '      { "command": "rankscope.showScratch", "title": "%command.showScratch%", "category": "%category%" },\n',
  ],
  ['package.nls.json', '  "command.showDevices"', '  "command.showScratch": "Scratch Panel",\n'],
];
const page = `import { startPanel } from '../page/startPanel.ts';
import { element } from '../page/dom.ts';

startPanel('scratch', (_, state, root) => root.replaceChildren(element('p', {}, 'The scratch panel of ' + state.run)));
`;

describe('a panel that is added in a scratch copy', function () {
  this.timeout(60_000);
  let copy: string;
  const imported = (file: string): Promise<unknown> => import(pathToFileURL(join(copy, file)).href);

  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'rankscope-panel-'));
    for (const name of [
      'client',
      'server',
      'webview',
      'scripts',
      'esbuild.mjs',
      'package.json',
      'package.nls.json',
      'tsconfig.json',
    ])
      cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
    for (const [file, before, added] of edits) {
      const text = readFileSync(join(copy, file), 'utf8');
      assert.equal(text.split(before).length, 2, `${file} has the place once`);
      writeFileSync(
        join(copy, file),
        text.replace(before, () => added + before),
      );
    }
    mkdirSync(join(copy, 'webview', 'scratch'));
    writeFileSync(join(copy, 'webview', 'scratch', 'main.ts'), page);
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  it('takes no more than five files', () => {
    assert.equal(new Set([...edits.map(([file]) => file), 'webview/scratch/main.ts']).size, 5);
  });

  it('has a title, and may ask about its own run alone', async () => {
    const { panelState, titleOfPanel, subjectOf } = (await imported(
      'server/protocol/messages/panelStates.ts',
    )) as typeof statesModule;
    const { checkAsked } = (await imported('client/panels/panelGuard.ts')) as typeof guardModule;
    const state = panelState.parse({ panel: 'scratch', run: '/runs/a' });
    assert.equal(
      titleOfPanel(state, (message) => message.toUpperCase()),
      'SCRATCH PANEL',
    );
    assert.equal(subjectOf(state), 'scratch /runs/a');
    checkAsked(state, 'run.watch', { run: '/runs/a' });
    assert.throws(() => checkAsked(state, 'run.watch', { run: '/runs/b' }), /does not show/);
  });

  it('has a page of its own among the bundles, and its command in the extension', async () => {
    const { panelSettings, settings } = (await imported('esbuild.mjs')) as Bundler;
    const panels = panelSettings(join(copy, 'dist'));
    assert.ok(Object.hasOwn(panels.entryPoints, 'scratch'));
    const { outputFiles } = await esbuild.build({
      ...panels,
      entryPoints: { scratch: panels.entryPoints.scratch ?? '' },
      write: false,
      sourcemap: false,
    });
    const script = outputFiles.find(({ path }) => path.endsWith('scratch.js'));
    assert.match(script?.text ?? '', /The scratch panel of /);
    const client = settings({ name: 'client', entry: 'client/extension.ts' }, join(copy, 'dist'));
    const [extension] = (await esbuild.build({ ...client, write: false, sourcemap: false })).outputFiles;
    assert.match(extension?.text ?? '', /showScratch: /);
  });
});
