/**
 * onnxruntime-node copies every result into fresh memory before it returns, those too that the program wrote into
 * memory of ours: for the gradients of full fine-tuning that is a second model's worth of memory and a quarter of a
 * step's time. It does so result by result, in the program's order, and gives up at the first that is no tensor. A
 * program compiled to write in place therefore has a sequence as its first result; when all others are written in place,
 * that one is asked for too, and the call ends, with an error that is expected, after the program has run and before
 * anything is copied. Should a later version copy sequences, the results are still right and only the copies return.
 */
export const INTERRUPT = 'interrupt';

/** Whether an error is the end of such a call. */
export function isInterrupt(error: unknown): boolean {
  return error instanceof Error && error.message.includes('Non tensor type is temporarily not supported');
}
