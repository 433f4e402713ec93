/** Mutants that the type checker has nothing against: the others never get as far as a test. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { mutantsOf, type Mutant } from './mutants.ts';

export class TypedMutants {
  readonly #root: string;
  readonly #service: ts.LanguageService;
  /** The text of the file that is mutated at the moment, and a number that tells the compiler that it is new. */
  #changed: { readonly path: string; readonly text: string; readonly version: number } | undefined;
  #version = 0;

  /** `files` are those that may be mutated, from the root; panels are checked with the page's types. */
  constructor(root: string, files: readonly string[]) {
    this.#root = root;
    const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
    const options = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.json'), {}, host)?.options;
    const lib = ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'];
    const settings = { ...options, lib, types: ['node'], incremental: false };
    delete settings.tsBuildInfoFile;
    this.#service = ts.createLanguageService({
      fileExists: (path) => ts.sys.fileExists(path),
      readFile: (path) => ts.sys.readFile(path),
      readDirectory: (...given) => ts.sys.readDirectory(...given),
      directoryExists: (path) => ts.sys.directoryExists(path),
      getDirectories: (path) => ts.sys.getDirectories(path),
      getCompilationSettings: () => settings,
      getCurrentDirectory: () => root,
      getDefaultLibFileName: (own) => ts.getDefaultLibFilePath(own),
      getScriptFileNames: () => files.map((file) => join(root, file)),
      getScriptVersion: (path) => (this.#changed?.path === path ? `${this.#changed.version}` : '0'),
      getScriptSnapshot: (path) => {
        const text = this.#changed?.path === path ? this.#changed.text : ts.sys.readFile(path);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
    });
  }

  /** Every mutant of a file, those included that the type checker refuses. */
  of(file: string): readonly Mutant[] {
    this.#changed = undefined;
    const program = this.#service.getProgram();
    const source = program?.getSourceFile(join(this.#root, file));
    return program && source ? mutantsOf(source, file, program.getTypeChecker()) : [];
  }

  /** Whether the mutated file alone still type-checks; what other files say of it is left to the tests. */
  isTyped(mutant: Mutant): boolean {
    const path = join(this.#root, mutant.file);
    this.#version += 1;
    this.#changed = { path, text: applied(readFileSync(path, 'utf8'), mutant), version: this.#version };
    const faults = [...this.#service.getSyntacticDiagnostics(path), ...this.#service.getSemanticDiagnostics(path)];
    return faults.length === 0;
  }
}

/** A file's text with the mutant's fault in it. */
export function applied(text: string, { start, end, replacement }: Mutant): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
