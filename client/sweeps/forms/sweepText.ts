/** The sweep file that "New Sweep" writes: the choices and little else, since all other settings have defaults. */
import { fromFolder } from './fromFolder.ts';
import type { SweepChoice } from './sweepChoice.ts';
import { formOf } from './sweepForms.ts';

/** The URI under which the extension serves the schema to VS Code's JSON support. */
export const schemaAddress = 'rankscope-schema:/sweep.schema.json';

/** Writes the file's text. `folder` is the file's folder; paths on this disk are relative to it. */
export function sweepText(choice: SweepChoice, folder: string): string {
  const { experiment, name, model } = choice;
  const sweep = {
    $schema: schemaAddress,
    experiment,
    name,
    model: model.kind === 'hub' ? model.id : fromFolder(folder, model.path),
    ...formOf(experiment).parts(choice, folder),
  };
  return `${JSON.stringify(sweep, null, 2)}\n`;
}
