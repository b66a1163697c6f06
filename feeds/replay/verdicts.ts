import {
  type RequestRecord,
  verdictCommitment,
  type VerdictCommitRecord,
  type VerdictRevealRecord,
} from '../records/mod.ts';
import { bytesOf, type Key, keyOf } from './keys.ts';
import type { Log } from './log.ts';
import type { Finding } from './types.ts';

type Step = RequestRecord | VerdictCommitRecord | VerdictRevealRecord;

/** What an auditor said of one subject, in its own log. */
interface Said {
  /** Index of the first request, and the job that it names. */
  request: { index: number; job: Key } | null;
  /** Values of commitments, by index. */
  commits: Map<number, Key>;
  reveals: { index: number; record: VerdictRevealRecord }[];
}

/**
 * The auditors' steps as each log alone shows them: asked before committed, committed before
 * revealed, once, and the same. Whether somebody was drawn, and in time, only the cuts tell.
 */
export class Verdicts {
  readonly #said = new Map<Log, Map<Key, Said>>();

  /** Takes an entry as it stands in a log. */
  note(record: Step, log: Log, index: number): void {
    const ofLog = this.#said.get(log) ?? new Map<Key, Said>();
    this.#said.set(log, ofLog);
    const subject = keyOf(record.subject);
    const said: Said = ofLog.get(subject) ?? { request: null, commits: new Map(), reveals: [] };
    ofLog.set(subject, said);
    if (record.type === 'verdictReveal') said.reveals.push({ index, record });
    else if (record.type === 'verdictCommit') said.commits.set(index, keyOf(record.value));
    else if (said.request === null || index < said.request.index) {
      said.request = { index, job: keyOf(record.job) };
    }
  }

  /** @param isKnown true for a job of which any entry is here */
  *findings(isKnown: (job: Key) => boolean): Generator<Finding, void, void> {
    for (const [log, subjects] of this.#said) {
      if (!log.believed || !log.admits('verdictReveal')) continue;
      for (const said of subjects.values()) yield* findingsOf(said, log, isKnown);
    }
  }
}

function* findingsOf(
  { request, commits, reveals }: Said,
  log: Log,
  isKnown: (job: Key) => boolean,
): Generator<Finding, void, void> {
  if (request !== null && !isKnown(request.job)) {
    yield log.finding('job-not-held', request.index, 'the job that is to be opened is not here');
  }
  for (const index of commits.keys()) {
    const asked = request !== null && request.index < index;
    if (asked || !isWhole(log, index)) continue;
    yield log.finding('commit-without-request', index, 'the answer was not asked for before');
  }
  reveals.sort((a, b) => a.index - b.index);
  for (const [i, { index, record }] of reveals.entries()) {
    const value = record.commit < index ? commits.get(record.commit) : undefined;
    if (value !== undefined) {
      if (value !== keyOf(verdictCommitment(bytesOf(log.owner!), record))) {
        yield log.finding('reveal-mismatch', index, `block ${record.commit} commits to another`);
      }
    } else if (record.commit >= index || log.holdings.has(record.commit)) {
      const detail = `block ${record.commit} is no commitment to a verdict about it before that`;
      yield log.finding('reveal-without-commit', index, detail);
    }
    if (i > 0) yield log.finding('duplicate-reveal', index, 'it was revealed before');
  }
}

/** True if every block before that one is here: what is not there was never said. */
function isWhole(log: Log, index: number): boolean {
  const missing = log.holdings.ranges().some(([from]) => from < index);
  return !missing && (log.holdings.firstUnseen(log.length) ?? index) >= index;
}
