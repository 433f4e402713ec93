/** Polls until there is a value. After the time limit it fails and names what was missing. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | PromiseLike<T | undefined | false>,
  milliseconds = 60_000,
): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`missed: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
