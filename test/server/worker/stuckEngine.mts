/** An engine process that is in a call that does not end. */
import { watchParent } from '../../../server/worker/watchdog.ts';

const heard = process.argv[2] === 'heard';
const watchdog = watchParent({ stuck: 300, farewell: 1000 });
if (heard) watchdog.heard();
process.stdout.write(`${process.pid}\n`, () => {
  for (;;);
});
