/** The sweep file that "New Sweep" writes: what was chosen and little else, since the rest has defaults. */
import { fromFolder } from './fromFolder.ts';
import type { SweepChoice } from './sweepChoice.ts';
import { formOf } from './sweepForms.ts';

/** Under this address the extension serves the schema to VS Code's JSON support. */
export const schemaAddress = 'rankscope-schema:/sweep.schema.json';

/** `folder`: where the file will lie; what is on this disk is named from there. */
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
