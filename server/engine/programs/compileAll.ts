interface Released {
  release(): Promise<void>;
}

/** Compiles (or opens) one after another what belongs together; where one fails, those before it are released. */
export async function compileAll<T extends readonly Released[]>(
  ...each: { readonly [K in keyof T]: () => Promise<T[K]> }
): Promise<T> {
  const made: Released[] = [];
  try {
    for (const make of each) made.push(await make());
    return made as readonly Released[] as T;
  } catch (error) {
    for (const one of made.toReversed()) await one.release();
    throw error;
  }
}
