/**
 * A sequence of steps that each ask one question, with a way back. The editor's input boxes are one implementation
 * of `ask`.
 */

/** The result of a step: the choice with the new answer, one step back, or cancelling the whole sequence. */
export type Answer<T> = { readonly next: T } | 'back' | 'leave';

/** Asks one question. `place` shows the person how far the sequence is. */
export type Step<T> = (
  choice: Partial<T>,
  place: { readonly step: number; readonly steps: number },
) => Promise<Answer<Partial<T>>>;

/**
 * Runs the steps, forward and back. Answers may decide which steps follow. Undefined where the person cancels.
 * Answers remain when the person goes back.
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
