/** Finds the place in a sweep file of a fault that the engine reports. */

export interface Fault {
  /** The file, and after a comma the place in it: `/w/a.sweep.json, training`. It may be another file. */
  readonly where?: string | undefined;
}

/** A range of the file's text, offsets in UTF-16 units. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/**
 * The name of the field that a fault is about. Each part of the place is searched for after the part before it. The
 * first line where the place is not found, or is in another file.
 */
export function faultPlace(text: string, file: string, { where = '' }: Fault): Stretch {
  const firstLine = { start: 0, end: Math.max(1, text.search(/\r?\n|$/)) };
  if (where !== file && !where.startsWith(`${file}, `)) {
    const isBare = /^[\w.]+$/.test(where);
    return isBare ? (fieldPlace(text, where) ?? firstLine) : firstLine;
  }
  return fieldPlace(text, where.slice(file.length + 2)) ?? firstLine;
}

/** The last part of a dotted place that exists as a field's name. */
function fieldPlace(text: string, place: string): Stretch | undefined {
  let found: Stretch | undefined;
  let from = 0;
  for (const part of place.split('.')) {
    const at = part === '' ? -1 : text.indexOf(`"${part}"`, from);
    if (at < 0) break;
    found = { start: at, end: at + part.length + 2 };
    from = found.end;
  }
  return found;
}
