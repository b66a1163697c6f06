import { asNexusError, equalBytes, NexusError } from '../base/mod.ts';
import {
  decodeRecord,
  type IdentityRecord,
  jobId,
  type LogRecord,
  recordHash,
  type SeenHead,
  signingBodyOf,
  verifyEd25519,
} from '../records/mod.ts';
import { verifyHead } from '../proof/mod.ts';
import {
  artifactEntry,
  byAttempt,
  claimEntry,
  type Entry,
  isAboutWork,
  jobEntry,
  settleEntry,
} from './entries.ts';
import { conclude } from './conclude.ts';
import { type Key, keyOf } from './keys.ts';
import { Log } from './log.ts';
import { digestStandsInLog, Signatures } from './signatures.ts';
import { Verdicts } from './verdicts.ts';
import { Voting } from './voting.ts';
import type {
  Finding,
  LogBlock,
  LogInput,
  ReplayOptions,
  ReplayReport,
  SignatureMode,
} from './types.ts';
import type { ReplayState, Seen } from './state.ts';

/** A fold over logs. See {@link createReplay}. */
export interface Replay {
  /**
   * Takes in blocks of a log: any blocks, in any order and division, also repeatedly. Await it, or
   * signature checks pile up.
   * @throws {NexusError} `REPLAY_HEAD_CHANGED` if the log came with another head before
   */
  add(log: LogInput, blocks: readonly LogBlock[]): Promise<void>;
  /** The result over what was added so far. More may be added afterwards. */
  finish(): Promise<ReplayReport>;
}

/**
 * Starts a replay: a fold of logs into jobs and inconsistencies. The result depends on heads and
 * blocks alone, not on the order in which they come.
 *
 * The blocks are taken to be those under the head's tree hash, as a Hypercore store checks when it
 * replicates; use the proofs for blocks from elsewhere.
 */
export function createReplay(options: ReplayOptions = {}): Replay {
  const fold = new Fold(options);
  // One at a time: a call that was not awaited must not overtake the check of its log's head.
  let last: Promise<unknown> = Promise.resolve();
  const next = <T>(run: () => Promise<T>): Promise<T> => {
    const result = last.then(run);
    last = result.catch(() => {});
    return result;
  };
  return {
    add: (log, blocks) => next(() => fold.add(log, blocks)),
    finish: () => next(() => fold.finish()),
  };
}

class Fold implements ReplayState {
  readonly signatures: SignatureMode;
  readonly logs = new Map<Key, Log>();
  readonly jobs = new Map<Key, Entry[]>();
  readonly others: ReplayState['others'] = [];
  readonly seen = new Map<Key, Seen>();
  readonly findings: Finding[] = [];
  readonly voting = new Voting();
  readonly verdicts = new Verdicts();
  read = 0;
  #checks: Signatures;
  #verifyHead: NonNullable<ReplayOptions['verifyHead']>;
  #interned = new Map<Key, Key>();

  constructor({ verify, verifyHead: head, signatures }: ReplayOptions) {
    this.signatures = signatures ?? 'needed';
    this.#checks = new Signatures(verify ?? verifyEd25519);
    this.#verifyHead = head ?? verifyHead;
  }

  async add(input: LogInput, blocks: readonly LogBlock[]): Promise<void> {
    const log = await this.#open(input);
    if (!log.believed) return;
    for (const { index, value } of blocks) {
      if (!Number.isSafeInteger(index) || index < 0 || index >= log.length) continue;
      if (!log.holdings.note(index, value !== null) || value === null) continue;
      this.read++;
      this.#take(log, index, value);
      if (this.#checks.full) await this.#checks.settled();
    }
  }

  async finish(): Promise<ReplayReport> {
    await this.#checks.settled();
    return await conclude(this, async () => {
      if (this.signatures === 'none') return;
      for (const all of this.jobs.values()) {
        for (const entries of byAttempt(all)) await this.#digests(entries);
      }
      await this.#checks.settled();
    });
  }

  /** Checks the running digests that the settlements of an attempt cite. */
  async #digests(entries: readonly Entry[]): Promise<void> {
    const offer = entries.find((entry) => entry.type === 'job');
    if (offer === undefined) return;
    for (const entry of entries) {
      if (entry.type !== 'settle' || entry.digest?.valid !== null) continue;
      if (this.signatures === 'needed' && digestStandsInLog(entry, entries)) continue;
      this.#checks.digest(offer.hash, entry);
      if (this.#checks.full) await this.#checks.settled();
    }
  }

  async #open(input: LogInput): Promise<Log> {
    const key = keyOf(input.key);
    const known = this.logs.get(key);
    const treeHash = input.head === null ? null : keyOf(input.head.treeHash);
    if (known !== undefined) {
      const same = known.length === input.length && known.fork === input.fork &&
        (!known.believed || known.treeHash === treeHash);
      if (same) return known;
      throw new NexusError('REPLAY_HEAD_CHANGED', 'the log was added with another head before', {
        hint: 'take one head of each log before the replay and use it for all its blocks',
      });
    }
    const log = new Log(input);
    this.logs.set(key, log);
    if (input.head === null) {
      this.findings.push(log.finding('head-missing', null, 'its entries are not proven by a head'));
      return log;
    }
    try {
      const { head } = input;
      if (keyOf(head.key) !== key || head.length !== log.length || head.fork !== log.fork) {
        throw new NexusError('PROOF_BAD_HEAD', 'the head is of another core or length');
      }
      await this.#verifyHead(head);
      log.treeHash = treeHash;
    } catch (thrown) {
      log.believed = false;
      this.findings.push(log.finding('head-invalid', null, asNexusError(thrown).message));
    }
    return log;
  }

  #take(log: Log, index: number, bytes: Uint8Array): void {
    let record: LogRecord;
    try {
      record = decodeRecord(bytes);
    } catch (thrown) {
      const { code, message } = asNexusError(thrown);
      this.findings.push(log.finding('undecodable', index, `${code}: ${message}`));
      return;
    }
    log.entries++;
    if (record.type === 'identity' && index === 0) {
      this.#identity(record, log, bytes);
      return;
    }
    switch (record.type) {
      case 'vote':
      case 'proposal':
        this.voting.note(record, log, index);
        break;
      case 'request':
      case 'verdictCommit':
      case 'verdictReveal':
        this.verdicts.note(record, log, index);
    }
    if (!isAboutWork(record)) {
      this.others.push({ log, index, type: record.type });
      return;
    }
    this.#notice(record.heads, log, index);
    const place = { log, index, attempt: record.attempt };
    // A verified head has proven already that the log's owner wrote this entry.
    const inner = this.signatures === 'all' ||
      (this.signatures === 'needed' && log.treeHash === null);
    const bad = (code: Finding['code']) => () => {
      this.findings.push(log.finding(code, index, "the signature is not its author's"));
    };
    switch (record.type) {
      case 'job': {
        const id = jobId(record.requester, record.prompt, record.nonce, record.keyHash);
        if (!equalBytes(record.job, id)) {
          this.findings.push(log.finding('job-id', index, 'the id is not that of its content'));
          return;
        }
        if (inner) this.#checks.record(record, bytes, bad('job-signature'));
        this.#entry(record, jobEntry(record, recordHash(bytes), place, this.#intern));
        return;
      }
      case 'artifact':
        if (inner) this.#checks.record(record, bytes, bad('artifact-signature'));
        this.#entry(record, artifactEntry(record, recordHash(bytes), place, this.#intern));
        return;
      case 'settle':
        this.#entry(record, settleEntry(record, place, this.#intern));
        return;
      case 'claim': {
        const entry = claimEntry(record, place, this.#intern);
        if (this.signatures !== 'none') this.#checks.claim(record, entry, bad('ack-signature'));
        this.#entry(record, entry);
      }
    }
  }

  #identity(record: IdentityRecord, log: Log, bytes: Uint8Array): void {
    const body = signingBodyOf(bytes);
    this.#checks.check(record.publicKey, body, record.signature, (ok) => {
      const fault = !ok ? 'identity-signature' : log.bind(record) ? null : 'identity-mismatch';
      if (fault === null) log.identity = record;
      else this.findings.push(log.finding(fault, 0, 'the log belongs to nobody that is proven'));
    });
  }

  #notice(heads: readonly SeenHead[], log: Log, index: number): void {
    for (const head of heads) {
      const core = this.#intern(head.core);
      const best = this.seen.get(core);
      const better = best === undefined || head.length > best.length ||
        (head.length === best.length &&
          (log.key < best.log.key || (log.key === best.log.key && index < best.index)));
      if (better) this.seen.set(core, { length: head.length, log, index });
    }
  }

  #entry(record: { job: Uint8Array }, entry: Entry): void {
    const key = keyOf(record.job);
    const entries = this.jobs.get(key);
    if (entries === undefined) this.jobs.set(key, [entry]);
    else entries.push(entry);
  }

  #intern = (bytes: Uint8Array): Key => {
    const key = keyOf(bytes);
    const known = this.#interned.get(key);
    if (known === undefined) this.#interned.set(key, key);
    return known ?? key;
  };
}

/** Replays logs that are at hand in full. */
export async function replay(
  logs: Iterable<LogInput & { blocks: readonly LogBlock[] }>,
  options: ReplayOptions = {},
): Promise<ReplayReport> {
  const running = createReplay(options);
  for (const log of logs) await running.add(log, log.blocks);
  return await running.finish();
}
