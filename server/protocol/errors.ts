import { z } from 'zod';

/** What kind of failure it was; each code has its own exit status in docs/cli.md. */
export const errorCodes = {
  usage: 'the command line or a request is malformed',
  config: 'a sweep file or setting holds a value that cannot be used',
  data: 'a data set is empty or broken',
  model: 'a checkpoint is damaged, incomplete or of an unknown architecture',
  tokenizer: 'a tokenizer is damaged, or holds what is not understood',
  judge: 'a judge cannot be built, or cannot be used',
  diverged: 'a loss or gradient was not finite',
  device: 'a device or its provider cannot be used',
  memory: 'the machine has too little memory',
  disk: 'no room, no permission, or the file system failed',
  network: 'the hub or an endpoint cannot be reached, or refuses',
  run: 'a run folder is damaged or in the wrong state',
  engine: 'the engine process died or refused',
  cancelled: 'somebody cancelled it',
  internal: 'a fault of ours: an invariant did not hold',
} as const;
export type ErrorCode = keyof typeof errorCodes;

export const errorDetailsSchema = z.object({
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  what: z.string().describe('What was wrong, one sentence, with the offending value.'),
  where: z.string().exactOptional().describe('Where: file and line, tensor name, step and arm.'),
  remedy: z.string().exactOptional().describe('What the person can do about it.'),
});
/** What was wrong, where, and what to do. */
export type ErrorDetails = Readonly<z.output<typeof errorDetailsSchema>>;

/** The only error class that crosses a module border: what was wrong, where, and what to do. */
export class RankscopeError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(details: ErrorDetails, options?: ErrorOptions) {
    super(explain(details), options);
    this.name = 'RankscopeError';
    this.code = details.code;
    this.details = details;
  }
}

/** One paragraph: place, fault, remedy. */
function explain({ what, where, remedy }: ErrorDetails): string {
  return [where === undefined ? what : `${where}: ${what}`, remedy].filter((s) => s !== undefined).join(' ');
}

/** The details of anything thrown; what is not ours becomes `internal` with its own message. */
export function errorDetails(error: unknown): ErrorDetails {
  if (error instanceof RankscopeError) return error.details;
  return { code: 'internal', what: error instanceof Error ? error.message : String(error) };
}

/** An invariant of ours did not hold. */
export function internal(what: string): RankscopeError {
  return new RankscopeError({ code: 'internal', what, remedy: 'This is a fault in Rankscope: please report it.' });
}
