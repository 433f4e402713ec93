/**
 * Loads the project's TypeScript without a loader of Node's, so that one process runs tests against one fault after
 * another: after a change of one file only what imports it is evaluated anew, and packages stay loaded.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import { transformSync } from 'esbuild';

type Exports = Record<string, unknown>;
interface Compiled {
  readonly code: string;
  /** What it imports: paths of project files, and names of packages. */
  readonly files: readonly string[];
  readonly packages: readonly string[];
}

export class FreshModules {
  readonly #root: string;
  readonly #compiled = new Map<string, Compiled>();
  readonly #instances = new Map<string, Exports>();
  readonly #packages = new Map<string, Exports>();
  #replaced: { readonly file: string; readonly text: string } | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** Puts another text in the place of a file's (path from the root), or gives every file its own again. */
  replace(replaced: { readonly file: string; readonly text: string } | undefined): void {
    if (replaced?.file === this.#replaced?.file && replaced?.text === this.#replaced?.text) return;
    for (const { file } of [this.#replaced, replaced].filter((each) => each !== undefined)) {
      const path = join(this.#root, file);
      for (const dependent of this.#dependents(path)) this.#instances.delete(dependent);
      this.#compiled.delete(path);
    }
    this.#replaced = replaced;
  }

  /** Evaluates a file (path from the root) anew, and what it imports where that is not loaded. */
  async load(file: string): Promise<void> {
    const path = join(this.#root, file);
    await this.#importPackages(path, new Set());
    this.#instances.delete(path);
    this.#evaluate(path);
  }

  #dependents(path: string): ReadonlySet<string> {
    const found = new Set([path]);
    for (const at of found) {
      for (const [other, { files }] of this.#compiled) if (files.includes(at)) found.add(other);
    }
    return found;
  }

  async #importPackages(path: string, seen: Set<string>): Promise<void> {
    if (seen.has(path)) return;
    seen.add(path);
    const { files, packages } = this.#compile(path);
    for (const name of packages) {
      if (this.#packages.has(name)) continue;
      const namespace = (await import(name)) as Exports;
      this.#packages.set(name, Object.defineProperty({ ...namespace }, '__esModule', { value: true }));
    }
    for (const file of files) await this.#importPackages(file, seen);
  }

  #compile(path: string): Compiled {
    const known = this.#compiled.get(path);
    if (known) return known;
    const isReplaced = this.#replaced !== undefined && join(this.#root, this.#replaced.file) === path;
    const text = isReplaced ? (this.#replaced?.text ?? '') : readFileSync(path, 'utf8');
    const define = {
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
      'import.meta.url': '__url',
    };
    const { code } = transformSync(text, { loader: 'ts', format: 'cjs', platform: 'node', target: 'node20', define });
    const names = [...code.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1] ?? '');
    const isSource = (name: string): boolean => name.startsWith('.') && name.endsWith('.ts');
    const files = names.filter(isSource).map((name) => resolve(dirname(path), name));
    const packages = names.filter((name) => !isSource(name)).map((name) => packageName(name, path));
    const compiled = { code, files, packages };
    this.#compiled.set(path, compiled);
    return compiled;
  }

  #evaluate(path: string): Exports {
    const known = this.#instances.get(path);
    if (known) return known;
    const module = { exports: {} as Exports };
    this.#instances.set(path, module.exports);
    const find = (name: string): unknown => {
      const isSource = name.startsWith('.') && name.endsWith('.ts');
      return isSource ? this.#evaluate(resolve(dirname(path), name)) : this.#packages.get(packageName(name, path));
    };
    const names = ['require', 'module', 'exports', '__dirname', '__filename', '__url'];
    const run = compileFunction(this.#compile(path).code, names, { filename: path }) as (...given: unknown[]) => void;
    try {
      run(find, module, module.exports, dirname(path), path, pathToFileURL(path).href);
    } catch (fault) {
      this.#instances.delete(path);
      throw fault;
    }
    this.#instances.set(path, module.exports);
    return module.exports;
  }
}

/** A package by its name, a script of the project by its address. */
function packageName(name: string, importer: string): string {
  return name.startsWith('.') ? pathToFileURL(resolve(dirname(importer), name)).href : name;
}
