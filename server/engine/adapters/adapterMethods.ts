import type { AdapterMethod } from './adapterMethod.ts';
import { dora } from './dora.ts';
import { lora } from './lora.ts';

/** Every adapter method, by name. rsLoRA differs in its scale alone (loraScale) and is combined with each of them. */
export const adapterMethods = { lora, dora } as const satisfies Readonly<Record<string, AdapterMethod>>;

export type AdapterMethodName = keyof typeof adapterMethods;
