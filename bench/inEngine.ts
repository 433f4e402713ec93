import path from 'node:path';
import { engineEntry } from '../server/launch/engineEntry.ts';
import { launchEngine, type EngineProcess } from '../server/launch/localProcess.ts';

/**
 * Starts the built engine in a process of its own, with these variables beside this process's, and ends it after its use,
 * which hears when the start began.
 */
export async function inEngine<T>(
  use: (engine: EngineProcess, began: number) => Promise<T>,
  variables: NodeJS.ProcessEnv = {},
): Promise<T> {
  const began = performance.now();
  const env = { ...process.env, ...variables };
  const engine = launchEngine({ ...engineEntry(path.join(import.meta.dirname, '..', 'dist', 'cli.cjs')), env });
  try {
    return await use(engine, began);
  } finally {
    await engine.dispose();
  }
}
