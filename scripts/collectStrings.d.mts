/** Every text that the extension and its panels say, by itself. */
export function collectStrings(): Readonly<Record<string, string>>;
