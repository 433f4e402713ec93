/**
 * The argument of a command: a node of a tree, a file of the Explorer, the object of a lens, a panel or another
 * extension, or nothing from the command palette. Fields of an unexpected type are ignored.
 */
export interface CommandArgument {
  /** Folder of a run. */
  readonly run?: string;
  /** Id of an arm. */
  readonly arm?: string;
  /** Path of a file. */
  readonly file?: string;
  /** Path or hub id of a model. */
  readonly model?: string;
}

export function commandArgument(given: unknown): CommandArgument {
  const { run, arm, file, model, fsPath } = fields(given);
  return {
    ...(isText(run) && { run }),
    ...(isText(arm) && { arm }),
    ...(isText(file ?? fsPath) && { file: String(file ?? fsPath) }),
    ...(isText(model) && { model }),
  };
}

type Field = 'run' | 'arm' | 'file' | 'model' | 'fsPath';

function fields(value: unknown): Readonly<Partial<Record<Field, unknown>>> {
  return typeof value === 'object' && value !== null ? value : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
