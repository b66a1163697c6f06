import { toHex } from '../../feeds/base/mod.ts';
import type { LogRecord } from '../../feeds/records/mod.ts';

/** An entry of a log on its way into the recording. */
export interface Recorded {
  /** Key of its core, hexadecimal. */
  core: string;
  index: number;
  value: Uint8Array;
  /** Null: not decodable. */
  record: LogRecord | null;
}

/** One log, entry by entry. */
export interface LogCursor {
  core: string;
  /** Its entries end here. */
  length: number;
  entries: AsyncIterator<Recorded>;
}

export type Timed = Recorded & {
  /** Milliseconds since 1970; never less than that of the entry before. */
  at: number;
};

/** Of entries of one moment, what has to be there first. */
const RANK: LogRecord['type'][] = ['identity', 'capability', 'job', 'artifact', 'claim', 'settle'];
/** Clocks run ahead by so much; what claims more has no time. */
const AHEAD_MS = 86_400_000;
/** Entries at a log's begin that may have no time. */
const LOOK_AHEAD = 4;

interface Head {
  cursor: LogCursor;
  /** Null: the log is at its end. */
  next: Recorded | null;
  /** Entries behind `next` that were looked at already. */
  ahead: Recorded[];
  /** Time of `next`: its own, at least that of the entry before it. */
  at: number;
}

/**
 * Brings the entries of many logs into one order: each after the entry before it in its log and
 * after those that its writer had seen, otherwise by their writers' times. An entry without a time
 * keeps its place in its log. Holds one entry of each log.
 * @param now no entry can be later
 */
export async function* merge(
  logs: readonly LogCursor[],
  now: number,
): AsyncGenerator<Timed, void, void> {
  const heads = await Promise.all(logs.map(open));
  // A log's first entry has no time: it is there from the start.
  const times = heads.flatMap(({ ahead }) => ahead.map((entry) => timeOf(entry, now)));
  const start = Math.min(...times.filter((at) => at !== null), now);
  for (const head of heads) await advance(Object.assign(head, { at: start }), now);
  const told = new Map<string, number>(logs.map(({ core }) => [core, 0]));
  const lengths = new Map(logs.map(({ core, length }) => [core, length]));
  const ready = ({ record }: Recorded) => {
    if (record === null || !('heads' in record)) return true;
    return record.heads.every(({ core, length }) => {
      const key = toHex(core);
      // What is not held here cannot come before.
      return (told.get(key) ?? Infinity) >= Math.min(length, lengths.get(key) ?? 0);
    });
  };
  let last = start;
  for (;;) {
    const left = heads.filter(({ next }) => next !== null);
    if (left.length === 0) return;
    let head = left.reduce((a, b) => byTime(a, b) <= 0 ? a : b);
    if (!ready(head.next!)) {
      // A circle among what writers claim to have seen must not end the recording.
      head = left.sort(byTime).find(({ next }) => ready(next!)) ?? head;
    }
    const entry = head.next!;
    last = Math.max(last, head.at);
    yield { ...entry, at: last };
    told.set(entry.core, entry.index + 1);
    await advance(head, now);
    if (head.next === null) told.set(entry.core, Infinity);
  }
}

/** Looks at the first entries of a log, up to the first one with a time. */
async function open(cursor: LogCursor): Promise<Head> {
  const ahead: Recorded[] = [];
  while (ahead.length < LOOK_AHEAD && (ahead.length < 2 || !hasTime(ahead.at(-1)!))) {
    const { done, value } = await cursor.entries.next();
    if (done) break;
    ahead.push(value);
  }
  return { cursor, next: null, ahead, at: 0 };
}

async function advance(head: Head, now: number): Promise<void> {
  head.next = head.ahead.shift() ?? null;
  if (head.next === null) {
    const { done, value } = await head.cursor.entries.next();
    if (done) return;
    head.next = value;
  }
  head.at = Math.max(head.at, timeOf(head.next, now) ?? 0);
}

function hasTime({ record }: Recorded): boolean {
  return record !== null && 'at' in record;
}

function timeOf({ record }: Recorded, now: number): number | null {
  return record !== null && 'at' in record && record.at <= now + AHEAD_MS ? record.at : null;
}

function byTime(a: Head, b: Head): number {
  const rank = ({ next }: Head) => next?.record ? RANK.indexOf(next.record.type) : -1;
  return a.at - b.at || rank(a) - rank(b) ||
    (a.cursor.core < b.cursor.core ? -1 : 1);
}
