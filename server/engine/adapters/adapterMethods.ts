import type { AdapterMethodName } from '../../protocol/sweep/adapterMethod.ts';
import type { AdapterMethod } from './adapterMethod.ts';
import { dora } from './dora.ts';
import { lora } from './lora.ts';

/** The variant of every adapter method. rsLoRA differs in its scale alone (adapterScale) and goes with each of them. */
export const adapterMethods: Readonly<Record<AdapterMethodName, AdapterMethod>> = { lora, dora };
