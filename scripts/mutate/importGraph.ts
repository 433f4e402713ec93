/** Which file needs which others when it runs. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { goldenTests, needsHost, testFiles } from './folders.ts';

export class ImportGraph {
  readonly #root: string;
  readonly #imports = new Map<string, { readonly files: readonly string[]; readonly needsHost: boolean }>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Files that `file` imports directly, types left out, and whether it needs an editor or a page by itself. */
  #read(file: string) {
    const known = this.#imports.get(file);
    if (known) return known;
    const text = readFileSync(join(this.#root, file), 'utf8');
    const names = runtimeImports(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
    const files = names
      .filter((name) => name.startsWith('.'))
      .map((name) => normalize(join(dirname(file), name)).replaceAll('\\', '/'))
      .filter((path) => /\.m?ts$/.test(path) && existsSync(join(this.#root, path)));
    const isHosted = names.some((name) => needsHost.modules.includes(name)) || needsHost.names.test(text);
    const read = { files, needsHost: isHosted };
    this.#imports.set(file, read);
    return read;
  }

  /** Every file that `file` needs, itself included, with the number of imports on the way. */
  reached(file: string): ReadonlyMap<string, number> {
    const found = new Map([[file, 0]]);
    for (const [at, distance] of found) {
      for (const next of this.#read(at).files) if (!found.has(next)) found.set(next, distance + 1);
    }
    return found;
  }

  /** Whether a file needs an editor or a page, by itself or through what it imports. */
  isHosted(file: string): boolean {
    return [...this.reached(file).keys()].some((each) => this.#read(each).needsHost);
  }

  /** The tests that import each file, the nearest first; golden runs count as near, since their figures pass through most files. */
  testsOf(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
    const tests = new Map<string, { readonly test: string; readonly distance: number }[]>();
    for (const test of files.filter((file) => testFiles.test(file))) {
      for (const [file, distance] of this.reached(test)) {
        const rank = goldenTests.test(test) ? Math.min(distance + 0.5, 1.5) : distance;
        tests.set(file, [...(tests.get(file) ?? []), { test, distance: rank }]);
      }
    }
    return new Map(
      [...tests].map(([file, own]) => [file, own.sort((a, b) => a.distance - b.distance).map(({ test }) => test)]),
    );
  }
}

function runtimeImports(source: ts.SourceFile): readonly string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    const isType = ts.isImportDeclaration(node)
      ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : ts.isExportDeclaration(node) && node.isTypeOnly;
    const named =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : undefined;
    if (named && ts.isStringLiteralLike(named) && !isType) names.push(named.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}
