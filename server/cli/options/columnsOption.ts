/** `--columns`: which fields or columns of a data file hold what, where they are not recognised. */
import type { FieldNames } from '../../dataset/example.ts';
import type { CliContext, Values } from './command.ts';
import { textsOf, usage } from './values.ts';

const columnRoles = [
  'text',
  'prompt',
  'completion',
  'messages',
  'chosen',
  'rejected',
  'label',
  'group',
] as const satisfies readonly (keyof FieldNames)[];

export const columnsOptions = { columns: { type: 'string', multiple: true } } as const;

export const columnsHelp = [
  [
    '--columns R=NAME,...',
    `columns or fields that hold what, for R of ${columnRoles.join(', ')}: text=comment,group=who`,
  ],
] as const;

/** The names that were given, a later one of a role before an earlier. Throws `usage` for a role that is none. */
export function columnsOf(values: Values): FieldNames {
  const given = textsOf(values, 'columns').flatMap((text) => text.split(/,(?=\s*[a-z]+=)/));
  return Object.fromEntries(given.map(rolePair));
}

function rolePair(text: string): readonly [string, string] {
  const [, role = '', name = ''] = /^\s*([a-z]+)=(.+)$/s.exec(text) ?? [];
  if (columnRoles.some((known) => known === role)) return [role, name];
  throw usage(`--columns has ${JSON.stringify(text)}, and takes ROLE=NAME with a role of ${columnRoles.join(', ')}`);
}

/** Says what a file was taken for, so that a wrong reading is seen. */
export function tellTakenFor(path: string, takenFor: string | undefined, context: Pick<CliContext, 'tell'>): void {
  if (takenFor !== undefined) context.tell(`${path} is read as ${takenFor}\n`);
}
