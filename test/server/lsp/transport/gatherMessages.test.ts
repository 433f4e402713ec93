import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { gatherMessages } from '../../../../server/lsp/transport/gatherMessages.ts';

const message = (body: Buffer) => Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);

/** The pieces that come out of pieces that went in. */
async function through(pieces: readonly Buffer[]): Promise<Buffer[]> {
  const stream = gatherMessages();
  const out: Buffer[] = [];
  stream.on('data', (piece: Buffer) => out.push(piece));
  const ended = new Promise((resolve) => stream.on('end', resolve));
  for (const piece of pieces) stream.write(piece);
  stream.end();
  await ended;
  return out;
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

describe('gathering large messages', () => {
  it('gives each in one piece, between small ones, however they were cut', async () => {
    const big = message(Buffer.alloc(3_000_000, 'x'));
    const small = message(Buffer.from('{}'));
    const all = Buffer.concat([small, big, small, big]);
    const pieces = cutAt(
      all,
      Array.from({ length: 120 }, (_, i) => 65_536 * i + 7),
    );
    const out = await through(pieces);
    assert.deepEqual(
      out.filter(({ length }) => length === big.length).map((piece) => piece.equals(big)),
      [true, true],
    );
    assert.ok(Buffer.concat(out).equals(all));
  });

  it('changes no byte of anything, be it messages or not', async () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.uint8Array({ maxLength: 50 }).map((bytes) => message(Buffer.from(bytes))),
      fc
        .constantFrom('Content-Length: x\r\n\r\n', 'Content-Length: 99999999999999\r\n\r\n', '\r\n\r\n', 'Content-Len')
        .map((text) => Buffer.from(text)),
      fc.constant(Buffer.alloc(5000, 'h')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(noise), fc.array(fc.nat(6000)), async (parts, cuts) => {
        const all = Buffer.concat(parts);
        assert.ok(Buffer.concat(await through(cutAt(all, cuts))).equals(all));
      }),
      { numRuns: 300 },
    );
  });

  it('lets a message pass at once that is small', async () => {
    const stream = gatherMessages();
    const input = new PassThrough();
    input.pipe(stream);
    const got = new Promise<Buffer>((resolve) => stream.once('data', resolve));
    input.write(message(Buffer.from('{"a":1}')));
    assert.match(String(await got), /\{"a":1\}$/);
    input.end();
  });
});
