export const targets: Readonly<Record<string, string>>;
/** Makes the packages of `wanted` targets in the folder `out`; gives their paths. */
export function makePackages(wanted: readonly string[], out?: string): Promise<readonly string[]>;
