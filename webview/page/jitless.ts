/** Panels forbid eval: without this, the validator would try it and the editor would log a violation. Imported first. */
import { config } from 'zod';

config({ jitless: true });
