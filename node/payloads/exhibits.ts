import { join } from 'node:path';
import { concatBytes, toHex } from '../../feeds/base/mod.ts';
import type { Salted } from '../../feeds/records/mod.ts';
import { readFolder, readSome, removeFile, replaceFile } from './files.ts';
import { sealOpened } from './openings.ts';
import { sealPayload } from './seal.ts';
import type { Disclosed, Opening } from './types.ts';

/** Answers that are kept: the oldest go first. */
const MAX_EXHIBITS = 256;
/** A file: this byte, the job key, length of the sealed transcript, that, the sealed candidates. */
const VERSION = 1;
const HEAD = 37;

/** An answer against which an audit spoke, sealed with the job key. */
export interface Exhibit {
  jobKey: Uint8Array;
  sealed: Uint8Array;
  /** Candidates that its executor opened; null: none. */
  candidates: Uint8Array | null;
}

/**
 * Keeps what an auditor found something in: the executor will not show it to anybody else.
 * @param folder made if absent; its files are for their owner alone (0600)
 */
export async function keepExhibit(
  folder: string,
  of: Salted,
  { payload, nonce }: Pick<Disclosed, 'payload' | 'nonce'>,
  openings: readonly Opening[],
): Promise<void> {
  const files = (await readFolder(folder)).sort((a, b) => a.at - b.at);
  for (const { name } of files.slice(0, Math.max(0, files.length - MAX_EXHIBITS + 1))) {
    await removeFile(join(folder, name));
  }
  const sealed = sealPayload({ payload, nonce, stops: [] }, of);
  const candidates = openings.length === 0 ? new Uint8Array() : sealOpened(openings, of);
  const head = new Uint8Array(HEAD);
  head[0] = VERSION;
  head.set(of.jobKey, 1);
  new DataView(head.buffer).setUint32(33, sealed.length);
  const path = join(folder, nameOf(toHex(of.job), of.attempt));
  await replaceFile(path, concatBytes(head, sealed, candidates));
}

/** What was kept of an answer; null where nothing was. @param job hexadecimal */
export async function readExhibit(
  folder: string,
  job: string,
  attempt: number,
): Promise<Exhibit | null> {
  const file = await readSome(join(folder, nameOf(job, attempt)));
  if (file?.[0] !== VERSION || file.length <= HEAD) return null;
  const length = new DataView(file.buffer, file.byteOffset).getUint32(33);
  const candidates = file.slice(HEAD + length);
  return {
    jobKey: file.slice(1, 33),
    sealed: file.slice(HEAD, HEAD + length),
    candidates: candidates.length === 0 ? null : candidates,
  };
}

/** Where exhibits lie, in the folder of the transcripts. */
export function exhibitsIn(payloads: string): string {
  return join(payloads, 'exhibits');
}

function nameOf(job: string, attempt: number): string {
  return `${job}-${attempt}.exhibit`;
}
