import { runMocha } from './runMocha.ts';

/** The entry point that the extension host calls. */
export function run(): Promise<void> {
  return runMocha(() => import('./untrusted.test.ts'));
}
