/** What is refused in a workspace that is not trusted: whatever opens a model or writes a run. Looking is allowed. */
const refused: ReadonlySet<string> = new Set([
  'run.start',
  'run.resume',
  'run.continue',
  'tryPrompt',
  'estimate',
  'lens',
  'models.list',
  'models.describe',
  'devices',
]);

/** Whether a request of the runs contract may only be sent from a trusted workspace. */
export function needsTrust(method: string): boolean {
  return refused.has(method);
}
