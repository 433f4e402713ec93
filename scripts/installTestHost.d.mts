/** Where code-server is put. */
export const home: string;
/** Its Node. */
export const node: string;
export const entry: string;
export function chromium(): string | undefined;
export function installTestHost(): Promise<void>;
