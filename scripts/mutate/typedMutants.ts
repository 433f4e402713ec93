/** Mutants that the type checker has nothing against: the others never get as far as a test. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { mutantsOf, type Mutant } from './mutants.ts';

export class TypedMutants {
  readonly #root: string;
  readonly #options: ts.CompilerOptions;
  readonly #host: ts.CompilerHost;
  readonly #program: ts.Program;

  /** `files` are those that may be mutated, from the root; panels are checked with the page's types. */
  constructor(root: string, files: readonly string[]) {
    this.#root = root;
    const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
    const options = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.json'), {}, host)?.options;
    const lib = ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'];
    this.#options = { ...options, lib, types: ['node'], incremental: false };
    delete this.#options.tsBuildInfoFile;
    this.#host = ts.createCompilerHost(this.#options);
    const paths = files.map((file) => join(root, file));
    this.#program = ts.createProgram(paths, this.#options, this.#host);
  }

  /** Every mutant of a file, those included that the type checker refuses. */
  of(file: string): readonly Mutant[] {
    const source = this.#program.getSourceFile(join(this.#root, file));
    return source ? mutantsOf(source, file, this.#program.getTypeChecker()) : [];
  }

  /**
   * Those whose file the type checker refuses. Each mutated text stands in one program as a file beside its own, so that
   * a thousand cost little more than one; what other files say of a mutant is left to the tests.
   */
  refused(mutants: readonly Mutant[]): ReadonlySet<Mutant> {
    const texts = new Map<string, string>();
    const paths = new Map<Mutant, string>();
    for (const mutant of mutants) {
      const path = join(this.#root, mutant.file);
      const beside = `${path.slice(0, -'.ts'.length)}.mutant${texts.size}.ts`;
      texts.set(beside, applied(readFileSync(path, 'utf8'), mutant));
      paths.set(mutant, beside);
    }
    const host: ts.CompilerHost = {
      ...this.#host,
      fileExists: (path) => texts.has(path) || this.#host.fileExists(path),
      readFile: (path) => texts.get(path) ?? this.#host.readFile(path),
      getSourceFile: (path, language, ...rest) => {
        const text = texts.get(path);
        const own = text === undefined ? this.#program.getSourceFile(path) : undefined;
        if (text !== undefined) return ts.createSourceFile(path, text, language);
        return own ?? this.#host.getSourceFile(path, language, ...rest);
      },
    };
    const program = ts.createProgram([...texts.keys()], this.#options, host);
    const isRefused = (mutant: Mutant): boolean => {
      const source = program.getSourceFile(paths.get(mutant) ?? '');
      return program.getSyntacticDiagnostics(source).length + program.getSemanticDiagnostics(source).length > 0;
    };
    return new Set(mutants.filter(isRefused));
  }
}

/** A file's text with the mutant's fault in it. */
export function applied(text: string, { start, end, replacement }: Mutant): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
