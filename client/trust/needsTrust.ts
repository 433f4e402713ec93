/** What is refused in a workspace that is not trusted: whatever opens a model or writes a run. Looking is allowed. */
const refused: ReadonlySet<string> = new Set([
  'run.start',
  'run.resume',
  'run.continue',
  'tryPrompt',
  'estimate',
  'plan',
  'sweep.check',
  'lens',
  'models.list',
  'models.describe',
  'devices',
  'devices.install',
]);

/**
 * Whether a request of the runs contract may only be sent from a trusted workspace. Of exports, merging weights opens the
 * model; the others copy and write what is there.
 */
export function needsTrust(method: string, params: unknown): boolean {
  return refused.has(method) || (method === 'run.export' && (params as { kind?: unknown } | null)?.kind === 'merged');
}
