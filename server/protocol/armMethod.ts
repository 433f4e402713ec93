export type ArmMethod = 'base' | 'lora' | 'full';
