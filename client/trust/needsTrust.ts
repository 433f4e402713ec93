/** Requests that an untrusted workspace refuses, because they open a model or write a run. Reading is allowed. */
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
 * Whether a request of the runs contract needs a trusted workspace. Of the exports, only merging weights opens a
 * model; the others copy and write existing results.
 */
export function needsTrust(method: string, params: unknown): boolean {
  return refused.has(method) || (method === 'run.export' && (params as { kind?: unknown } | null)?.kind === 'merged');
}
