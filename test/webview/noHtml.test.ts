import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../webview');

/** Code that would parse text as HTML, run it, or violate the page's policy. */
const forbidden = [
  /\binnerHTML\b/,
  /\bouterHTML\b/,
  /\binsertAdjacentHTML\b/,
  /\bsetHTMLUnsafe\b/,
  /\bDOMParser\b/,
  /\bcreateContextualFragment\b/,
  /\bdocument\.write/,
  /\beval\(/,
  /\bnew Function\b/,
  /\bstyle: ['"`]/,
  /setAttribute\(['"]style['"]/,
];

describe('the sources of panels', () => {
  it('never parse text as HTML or code, and set no inline style attribute', async () => {
    const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith('.ts'));
    assert.ok(files.length > 40, `${files.length} files`);
    for (const file of files) {
      const text = await readFile(path.join(root, file), 'utf8');
      for (const pattern of forbidden) assert.doesNotMatch(text, pattern, file);
    }
  });

  it('import the toolkit in one file alone', async () => {
    const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith('.ts'));
    const importing: string[] = [];
    for (const file of files) {
      if ((await readFile(path.join(root, file), 'utf8')).includes("'@vscode/webview-ui-toolkit'"))
        importing.push(file);
    }
    assert.deepEqual(importing, [path.join('page', 'toolkit.ts')]);
  });
});
