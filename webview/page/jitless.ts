/**
 * Stops the validator from using eval, which panels forbid: the editor would log a violation of the policy. Must be
 * imported first.
 */
import { config } from 'zod';

config({ jitless: true });
