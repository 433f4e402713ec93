import { z } from 'zod';

export const armMethod = z.enum(['base', 'lora', 'full']);
export type ArmMethod = z.output<typeof armMethod>;
