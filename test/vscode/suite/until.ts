/** Asks again and again until there is something, or says what was missed: the limit ends what would hang. */
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
