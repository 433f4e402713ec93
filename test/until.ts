import { setTimeout } from 'node:timers/promises';

/** Waits until something holds. The limit is there to end what would hang: a machine may be slow, and is not measured. */
export async function until(holds: () => boolean | Promise<boolean>, milliseconds = 45_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it never came to hold');
    await setTimeout(5);
  }
}
