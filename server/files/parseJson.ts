/** Levels of objects and lists within each other. Files that are meant to be read have a dozen. */
const MOST_LEVELS = 200;

/**
 * Parses JSON that comes from elsewhere. Throws SyntaxError for what is none, and for what is nested so deeply that whoever
 * walks or writes it would exhaust the stack.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  let level: readonly object[] = isNest(value) ? [value] : [];
  for (let levels = 1; level.length > 0; levels++) {
    if (levels > MOST_LEVELS) throw new SyntaxError(`it is nested more than ${MOST_LEVELS} levels deep`);
    level = level.flatMap((nest) => (Object.values(nest) as readonly unknown[]).filter(isNest));
  }
  return value;
}

const isNest = (value: unknown): value is object => typeof value === 'object' && value !== null;
