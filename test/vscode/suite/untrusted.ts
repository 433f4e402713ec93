import { runMocha } from './runMocha.ts';

/** What the extension host calls. */
export function run(): Promise<void> {
  return runMocha(() => import('./untrusted.test.ts'));
}
