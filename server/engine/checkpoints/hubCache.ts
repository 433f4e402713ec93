import { createHash, randomBytes, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RankscopeError } from '../../protocol/errors.ts';
import { diskErrorOr } from '../weights/diskError.ts';

/** A file as the hub lists it. */
interface HubFile {
  readonly path: string;
  readonly size: number;
  /** Git's own hash of the content. */
  readonly oid?: string;
  /** For a large file, the SHA-256 of its content. */
  readonly lfs?: { readonly oid: string };
}

export interface Placement {
  /** `models--org--name` in the cache. */
  readonly storage: string;
  /** The snapshot's folder within. */
  readonly folder: string;
  readonly file: HubFile;
  readonly open: () => Promise<Blob>;
  /** Bytes of this file that have come in. */
  readonly report: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Puts one file into the cache as huggingface_hub does: its content under `blobs/HASH`, a link to it in the snapshot.
 * It is downloaded unless there, and appears whole or not at all: its size and its hash are checked.
 * Throws RankscopeError('network') when the content is not what the hub announced, ('disk') when it cannot be written.
 */
export async function placeInCache(placement: Placement): Promise<void> {
  const { storage, folder, file } = placement;
  const pointer = join(folder, file.path);
  if (await exists(pointer)) return;
  const blob = join(storage, 'blobs', blobName(file));
  try {
    await mkdir(dirname(blob), { recursive: true });
    await mkdir(dirname(pointer), { recursive: true });
  } catch (error) {
    throw diskErrorOr(storage, error);
  }
  if (!(await exists(blob))) await receive(placement, blob);
  await link(blob, pointer);
}

/** Notes which commit a branch or tag stands for, so that it can be found without the network. */
export async function rememberRevision(storage: string, revision: string, commit: string): Promise<void> {
  if (revision === commit) return;
  const path = join(storage, 'refs', revision);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, commit);
  } catch (error) {
    throw diskErrorOr(path, error);
  }
}

/** The name comes from the network and becomes a path: a hash in hex or nothing. */
function blobName(file: HubFile): string {
  const name = file.lfs?.oid ?? file.oid ?? '';
  if (/^[0-9a-f]{40,64}$/.test(name)) return name;
  throw mismatch(file, `is listed with the hash ${JSON.stringify(name)}`);
}

async function receive({ file, open, report, signal }: Placement, blob: string): Promise<void> {
  const incomplete = `${blob}.${randomBytes(6).toString('hex')}.incomplete`;
  const hash = contentHash(file);
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      bytes += chunk.length;
      hash.update(chunk);
      report(bytes);
      // More than announced would fill the disk before the check at the end.
      next(bytes > file.size ? mismatch(file, `has more than the ${file.size} bytes announced`) : null, chunk);
    },
  });
  const content = await open();
  const body = Readable.fromWeb(content.stream());
  try {
    await pipeline(body, count, createWriteStream(incomplete, { flags: 'wx' }), ...(signal ? [{ signal }] : []));
    if (bytes !== file.size) throw mismatch(file, `came with ${bytes} of ${file.size} bytes`);
    if (hash.digest('hex') !== blobName(file)) throw mismatch(file, 'has another hash than listed');
    await rename(incomplete, blob);
  } catch (error) {
    await rm(incomplete, { force: true }).catch(() => undefined);
    throw diskErrorOr(blob, error);
  }
}

/** The hash by which the hub lists a file: SHA-256 of a large one, of others Git's, which begins with kind and size. */
function contentHash({ size, lfs, oid }: HubFile): Hash {
  if (lfs) return createHash('sha256');
  return createHash(oid?.length === 64 ? 'sha256' : 'sha1').update(`blob ${size}\0`);
}

function mismatch(file: HubFile, what: string): RankscopeError {
  return new RankscopeError({
    code: 'network',
    what: `the file ${what}.`,
    where: file.path,
    remedy: 'The download broke off or was altered on the way: try again.',
  });
}

/** Windows lets only some users make symbolic links; a copy does as well. */
async function link(blob: string, pointer: string): Promise<void> {
  try {
    await symlink(relative(dirname(pointer), blob), pointer);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    await copyFile(blob, pointer).catch((reason: unknown) => {
      throw diskErrorOr(pointer, reason);
    });
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
