/**
 * Limits a panel's requests to its own run or file. The page shows untrusted text, so that its requests are not
 * trusted either, even though its content security policy keeps scripts in that text from running.
 */
import * as path from 'node:path';
import { RankscopeError } from '../../server/protocol/errors.ts';
import { fileOf, type PanelState, runsOf } from '../../server/protocol/messages/panelStates.ts';

/** Throws `usage` where `params` name a run or file that is not the panel's. */
export function checkAsked(state: PanelState, what: string, params: unknown): void {
  if (what.startsWith('devices') && state.panel !== 'devices') throw foreign(what, 'devices');
  const runs = new Set(runsOf(state));
  for (const run of valuesOf(params, 'run')) if (!runs.has(run)) throw foreign(what, run);
  for (const file of valuesOf(params, 'file')) if (!mayOpen(state, file)) throw foreign(what, file);
}

/** Whether `next` has the same subject as the panel. Its baseline and prompt may differ. */
export function mayKeep(state: PanelState, next: PanelState): boolean {
  if (state.panel !== next.panel) return false;
  if (fileOf(state) !== fileOf(next)) return false;
  const own = new Set(runsOf(state));
  return runsOf(next).every((run) => own.has(run));
}

/** Whether the panel may open the file: its own file, or one inside a run that it shows. */
function mayOpen(state: PanelState, file: string): boolean {
  if (fileOf(state) === file) return true;
  return runsOf(state).some((run) => {
    const inside = path.relative(run, file);
    return inside !== '' && !inside.startsWith('..') && !path.isAbsolute(inside);
  });
}

/** Every string value of a key, at any depth. */
function valuesOf(value: unknown, key: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === key && typeof inner === 'string' ? [inner] : valuesOf(inner, key),
  );
}

function foreign(what: string, asked: string): RankscopeError {
  return new RankscopeError({ code: 'usage', what: `a panel asked ${what} of what it does not show`, where: asked });
}
