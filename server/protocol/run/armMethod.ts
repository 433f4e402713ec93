import { z } from 'zod';

/** `cut`: a LoRA adapter that was trained at a higher rank and cut to a lower one. */
export const armMethod = z.enum(['base', 'lora', 'full', 'cut']);
export type ArmMethod = z.output<typeof armMethod>;
