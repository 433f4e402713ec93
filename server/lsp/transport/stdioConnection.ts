import { isAscii } from 'node:buffer';
import type { Readable, Writable } from 'node:stream';
import {
  type Connection,
  createConnection,
  type Message,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { gatherMessages } from './gatherMessages.ts';

/** A connection over two streams that reads large messages faster than the standard one. */
export function stdioConnection(input: Readable, output: Writable): Connection {
  const reader = new StreamMessageReader(input.pipe(gatherMessages()), {
    contentTypeDecoder: { name: 'application/json', decode: async (bytes) => Promise.resolve(parseMessage(bytes)) },
  });
  return createConnection(reader, new StreamMessageWriter(output));
}

/** Parses a message. The encoding is UTF-8; most messages are plain ASCII, for which each byte is one character. */
function parseMessage(bytes: Uint8Array): Message {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return JSON.parse(isAscii(buffer) ? buffer.toString('latin1') : buffer.toString('utf8')) as Message;
}
