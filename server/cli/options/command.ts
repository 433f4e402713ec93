/** What a command of the command line is; `commands.ts` lists them all. */
import type { ParseArgsConfig } from 'node:util';
import type { EngineProcess } from '../../launch/localProcess.ts';

export type Options = NonNullable<ParseArgsConfig['options']>;
export type Values = Readonly<Partial<Record<string, string | boolean | readonly (string | boolean)[]>>>;

/** Where a command writes, and the parts of the process that it uses. Tests replace them. */
export interface CliContext {
  /** Results: standard output. */
  write(text: string): void;
  /** Progress and remarks: standard error. */
  tell(text: string): void;
  /** Width of the terminal behind standard error; undefined where it is no terminal. */
  readonly terminalColumns: number | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Starts the engine process. The command that starts it must dispose of it (`withEngine`). */
  launch(): EngineProcess;
}

export interface Arguments {
  readonly positionals: readonly string[];
  readonly values: Values;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The rest of the line after `rankscope name`. */
  readonly usage: string;
  /** Lines of `--help`: an option and its description. */
  readonly help: readonly (readonly [option: string, text: string])[];
  readonly examples: readonly string[];
  readonly options: Options;
  /** How many positional arguments it takes, at least and at most. */
  readonly positionals: readonly [least: number, most: number];
  /** Resolves with the exit status. Throws RankscopeError. */
  run(given: Arguments, context: CliContext): Promise<number>;
}

/** Runs `use` with an engine process, and ends the process afterwards in every case. */
export async function withEngine<T>(context: CliContext, use: (engine: EngineProcess) => Promise<T>): Promise<T> {
  const engine = context.launch();
  try {
    return await use(engine);
  } finally {
    await engine.dispose();
  }
}
