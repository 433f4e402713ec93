// Collects what the extension and its panels say, for the package's l10n/bundle.l10n.json, which translators start from:
// every text given to `t(...)` or `l10n.t(...)`.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.join(import.meta.dirname, '..');

/** Texts of all sources, sorted: key and value are the English text. */
export function collectStrings() {
  const texts = ['client', 'webview'].flatMap((folder) => sources(path.join(root, folder)).flatMap(textsOf));
  return Object.fromEntries([...new Set(texts)].sort().map((text) => [text, text]));
}

function sources(folder) {
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => name.endsWith('.ts')).map((name) => path.join(folder, name));
}

function textsOf(file) {
  const found = [];
  const visit = (node) => {
    const [first] = ts.isCallExpression(node) && isTranslate(node.expression) ? node.arguments : [];
    if (first && ts.isStringLiteralLike(first)) found.push(first.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest));
  return found;
}

/** `t` or `vscode.l10n.t`. */
const isTranslate = (callee) =>
  (ts.isIdentifier(callee) && callee.text === 't') ||
  (ts.isPropertyAccessExpression(callee) && callee.name.text === 't');
