/** Steps that ask one thing each, with a way back. The editor's input boxes are one implementation of `ask`. */

/** What a step ends in: the choice so far with its answer, one step back, or leaving altogether. */
export type Answer<T> = { readonly next: T } | 'back' | 'leave';

/** Asks for one thing. `place` tells the person how far along it is. */
export type Step<T> = (
  choice: Partial<T>,
  place: { readonly step: number; readonly steps: number },
) => Promise<Answer<Partial<T>>>;

/**
 * Goes through the steps, forward and back; which they are may depend on what was answered before. Undefined when the
 * person left. What was answered stays when going back.
 */
export async function askSteps<T>(
  stepsOf: (choice: Partial<T>) => readonly Step<T>[],
  start: Partial<T>,
): Promise<Partial<T> | undefined> {
  let choice = start;
  let at = 0;
  for (;;) {
    const steps = stepsOf(choice);
    const step = steps[at];
    if (step === undefined) return choice;
    const answer = await step(choice, { step: at + 1, steps: steps.length });
    if (answer === 'leave') return undefined;
    if (answer === 'back') {
      at = Math.max(0, at - 1);
    } else {
      choice = answer.next;
      at += 1;
    }
  }
}
