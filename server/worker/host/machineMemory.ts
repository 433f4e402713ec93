import { totalmem } from 'node:os';

/** Memory of this machine, or of the container that the process is confined to, in bytes. */
export function machineMemory(): number {
  const confined = process.constrainedMemory();
  return confined > 0 ? Math.min(confined, totalmem()) : totalmem();
}
