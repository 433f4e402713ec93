import { ErrorCodes, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { type ErrorDetails, errorDetails, RankscopeError } from '../../protocol/errors.ts';

/** Converts any exception to an error response of the protocol, with its details as data. */
export function responseError(error: unknown): ResponseError<ErrorDetails> {
  if (error instanceof ResponseError) return error as ResponseError<ErrorDetails>;
  const details = errorDetails(error);
  const message = error instanceof RankscopeError ? error.message : `A fault in Rankscope: ${details.what}`;
  return new ResponseError(codeOf(details), message, details);
}

function codeOf({ code }: ErrorDetails): number {
  if (code === 'usage') return ErrorCodes.InvalidParams;
  if (code === 'cancelled') return LSPErrorCodes.RequestCancelled;
  return code === 'internal' ? ErrorCodes.InternalError : LSPErrorCodes.RequestFailed;
}
