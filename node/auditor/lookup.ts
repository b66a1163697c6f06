import { fromHex, NexusError } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import { decodeRecord, type JobRecord, type LogRecord } from '../../feeds/records/mod.ts';
import type { Place, Subject } from '../../feeds/trust/mod.ts';
import type { Signed } from '../check/mod.ts';
import type { TopkClaim } from '../payloads/mod.ts';

type Read = Pick<Feeds, 'read'>;
type Of<T extends LogRecord['type']> = Extract<LogRecord, { type: T }>;

/**
 * The entry at a place that a cut covers.
 * @throws {NexusError} `ENTRY_GONE` if its block is not here any more
 */
export async function entryAt<T extends LogRecord['type']>(
  feeds: Read,
  { core, index }: Place,
  types: readonly T[],
): Promise<Of<T>> {
  for await (
    const { value } of feeds.read(fromHex(core, 32), { start: index, end: index + 1 })
  ) {
    const record = value === null ? null : decodeRecord(value);
    if (record !== null && types.some((type) => type === record.type)) return record as Of<T>;
  }
  throw new NexusError('ENTRY_GONE', `entry ${index} of ${core} is not here any more`, {
    stage: 'audit',
    hint: 'give the logs more room on the disk',
  });
}

/** What an executor has signed of an attempt; its commitment to candidates, where there is one. */
export interface SignedWork extends Signed {
  topk: TopkClaim | null;
}

/**
 * What an executor has signed of a subject.
 * @throws {NexusError} `ENTRY_GONE`, `NOTHING_SIGNED`
 */
export async function signedBy(feeds: Read, subject: Subject): Promise<SignedWork> {
  const job: JobRecord = await entryAt(feeds, subject.offer, ['job']);
  const entry = await entryAt(feeds, subject.place, ['artifact', 'settle', 'claim']);
  if (entry.type === 'artifact') {
    const { tokens, root, finish, topkRoot, resumeAt } = entry;
    const topk = topkRoot === null ? null : { topkRoot, resumeAt, tokens };
    return { job, tokens, root, finish, class: entry.class, topk };
  }
  const digest = entry.type === 'settle' ? entry.digest : null;
  if (digest === null) {
    throw new NexusError('NOTHING_SIGNED', 'the executor has signed no digest of this attempt', {
      stage: 'audit',
      hint: 'it cannot be audited; it is not paid for either',
    });
  }
  const none = new Uint8Array(32);
  return {
    job,
    tokens: digest.tokens,
    root: digest.digest,
    finish: 'error',
    class: subject.class === null ? none : fromHex(subject.class, 32),
    topk: null,
  };
}
