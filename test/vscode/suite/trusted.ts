import { runMocha } from './runMocha.ts';

/** The entry point that the extension host calls. */
export function run(): Promise<void> {
  return runMocha(async () => {
    // In this order: the first tests need an extension that nothing has woken yet.
    await import('./activation.test.ts');
    await import('./dataSets.test.ts');
    await import('./sweepFiles.test.ts');
    await import('./sweep.test.ts');
    await import('./control.test.ts');
    await import('./devices.test.ts');
    await import('./support.test.ts');
  });
}
