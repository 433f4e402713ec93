// Collects what the extension and its panels say, for the package's l10n/bundle.l10n.json, which translators start from:
// every text given to `t(...)`, `l10n.t(...)` or `say(...)` there and in server/protocol, and the titles of the catalogue in server/measures.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.join(import.meta.dirname, '..');
const measures = path.join(root, 'server', 'measures');

/** Fields of the catalogue whose texts people read. */
const titles = new Set(['title', 'barTitle', 'short', 'axis', 'heading', 'absence']);

/** Texts of all sources, sorted: key and value are the English text. */
export function collectStrings() {
  const said = ['client', 'webview', 'server/protocol'].flatMap((folder) =>
    sources(path.join(root, folder)).flatMap(textsOf),
  );
  const measured = sources(measures).flatMap((file) => [...textsOf(file), ...titlesOf(file)]);
  const texts = [...new Set([...said, ...measured])].filter((text) => text !== '').sort();
  return Object.fromEntries(texts.map((text) => [text, text]));
}

function sources(folder) {
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => name.endsWith('.ts')).map((name) => path.join(folder, name));
}

function textsOf(file) {
  return found(file, (node) => {
    const [first] = ts.isCallExpression(node) && isTranslate(node.expression) ? node.arguments : [];
    return first && ts.isStringLiteralLike(first) ? [first.text] : [];
  });
}

/** What a field or a constant of the catalogue holds: a text, a choice of texts, a text with its values, a text a method. */
function titlesOf(file) {
  return found(file, (node) => {
    if (ts.isPropertyAssignment(node) && titles.has(node.name.getText())) return messages(node.initializer);
    if (ts.isVariableDeclaration(node) && node.initializer && isTable(node.name.getText()))
      return messages(node.initializer);
    return [];
  });
}

/** Constants that hold texts: `ofBase`, `notMeasured`, `ruleTitles`. */
const isTable = (name) => /^of[A-Z]|^notMeasured$|Titles$/.test(name);

function messages(node) {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isArrayLiteralExpression(node)) return node.elements.slice(0, 1).flatMap(messages);
  if (ts.isConditionalExpression(node)) return [...messages(node.whenTrue), ...messages(node.whenFalse)];
  if (!ts.isObjectLiteralExpression(node)) return [];
  return node.properties.flatMap((own) => (ts.isPropertyAssignment(own) ? messages(own.initializer) : []));
}

function found(file, read) {
  const texts = [];
  const visit = (node) => {
    texts.push(...read(node));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true));
  return texts;
}

/** `t`, `vscode.l10n.t` or the catalogue's `say`. */
const isTranslate = (callee) =>
  (ts.isIdentifier(callee) && (callee.text === 't' || callee.text === 'say')) ||
  (ts.isPropertyAccessExpression(callee) && callee.name.text === 't');
