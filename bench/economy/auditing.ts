import { fromHex } from '../../feeds/base/mod.ts';
import { verdictCommitment, type VerdictRevealRecord } from '../../feeds/records/mod.ts';
import type { Duty, Hex, TrustEvent } from '../../feeds/trust/mod.ts';
import type { Seen } from './answers.ts';
import { named, NETWORK, type Party, type SimMesh } from './mesh.ts';

/** What really happened in a job: by it honest auditors find what they find. */
export interface Truth {
  job: Uint8Array;
  executor: Hex;
  /** What auditors see who read: all of a class see the same. */
  seen: Seen;
}

/** How an auditor works. `lazy`: it never reads, and guesses; `friend`: ok for its friends. */
export type Manner = 'honest' | 'lazy' | 'fraud' | { friends: ReadonlySet<Hex> };

/** Log e-values of who accuses for no reason. */
const INVENTED = 10_000_000;

const SEALED = new Uint8Array(72);

/** Everybody's duties: who asks, opens, commits and reveals. */
export class Audits {
  /** Of duties that were read: by auditor. */
  readonly read = new Map<Hex, number>();
  total = 0;
  readonly #mesh: SimMesh;
  readonly #truth = new Map<Hex, Truth>();
  readonly #duties = new Map<
    string,
    { duty: Duty; done: Set<string>; draft: VerdictRevealRecord | null }
  >();
  readonly #parties: ReadonlyMap<Hex, Party>;
  readonly #manners: ReadonlyMap<Hex, Manner>;

  constructor(
    mesh: SimMesh,
    parties: ReadonlyMap<Hex, Party>,
    manners: ReadonlyMap<Hex, Manner>,
  ) {
    this.#mesh = mesh;
    this.#parties = parties;
    this.#manners = manners;
  }

  answered(subject: Hex, truth: Truth): void {
    this.#truth.set(subject, truth);
  }

  /** Takes what a cut came to; then everybody does what it owes. */
  take(events: readonly TrustEvent[]): void {
    for (const event of events) {
      if (event.type === 'subject' && !event.audited) this.#truth.delete(event.subject.id);
      if (event.type === 'closed') this.#truth.delete(event.subject.id);
      if (event.type !== 'duty') continue;
      const { duty } = event;
      const name = `${duty.auditor} ${duty.subject.id}`;
      if (duty.state === 'revealed' || duty.state === 'missed' || duty.state === 'withheld') {
        this.#duties.delete(name);
        continue;
      }
      const known = this.#duties.get(name);
      if (known === undefined) this.#duties.set(name, { duty, done: new Set(), draft: null });
      else known.duty = duty;
    }
    for (const one of this.#duties.values()) this.#act(one);
  }

  #act(one: { duty: Duty; done: Set<string>; draft: VerdictRevealRecord | null }): void {
    const { duty, done } = one;
    const auditor = this.#parties.get(duty.auditor);
    const truth = this.#truth.get(duty.subject.id);
    if (auditor === undefined || truth === undefined) return;
    const subject = fromHex(duty.subject.id), mesh = this.#mesh;
    const once = (what: string) => !done.has(what) && done.add(what);
    if (duty.state === 'drawn' && once('request')) {
      const { job } = truth;
      const about = { network: NETWORK, subject, job, attempt: 0, at: mesh.epoch };
      mesh.append(auditor, 'attestations', { type: 'request', ...about });
    } else if (duty.state === 'requested' && once('open')) {
      const executor = this.#parties.get(truth.executor)!;
      const about = { subject, job: truth.job, attempt: 0, at: mesh.epoch };
      const sealed = { auditor: auditor.key, sealed: SEALED };
      mesh.append(executor, 'artifacts', { type: 'open', ...about, ...sealed });
    } else if (duty.state === 'opened' && once('commit')) {
      const says = this.#verdict(duty, truth, auditor);
      const value = verdictCommitment(auditor.key, says);
      const about = { network: NETWORK, subject, value, at: mesh.epoch };
      const commit = mesh.append(auditor, 'attestations', { type: 'verdictCommit', ...about });
      one.draft = { ...says, commit };
    } else if (duty.mayReveal && one.draft !== null && once('reveal')) {
      mesh.append(auditor, 'attestations', one.draft);
    }
  }

  #verdict(duty: Duty, truth: Truth, auditor: Party): VerdictRevealRecord {
    const manner = this.#manners.get(duty.auditor) ?? 'honest';
    const isFriend = typeof manner === 'object' && manner.friends.has(truth.executor);
    const reads = manner !== 'lazy';
    if (reads) {
      this.total++;
      this.read.set(duty.auditor, (this.read.get(duty.auditor) ?? 0) + 1);
    }
    const { found, evidence: real } = truth.seen;
    const says = manner === 'fraud' || (!isFriend && reads && found);
    const isTrue = reads && !isFriend && manner !== 'fraud';
    const evidence = isTrue ? real : real.map(() => says ? INVENTED : -100_000);
    // Who has not read can only guess.
    const read = named(reads ? 'read' : auditor.hex, duty.subject.id);
    return {
      type: 'verdictReveal',
      network: NETWORK,
      subject: fromHex(duty.subject.id),
      commit: 0,
      finding: says ? 'trigger' : 'ok',
      calibration: duty.calibration === null ? null : fromHex(duty.calibration.hash),
      evidence: duty.calibration === null ? [] : evidence,
      readings: duty.readings.map((position) => ({
        position,
        byte: read[position % read.length]!,
        top: read[(position + 1) % read.length]!,
      })),
      positions: duty.subject.tokens,
      mismatches: 0,
      detail: '',
      salt: named('salt', auditor.hex, duty.subject.id),
    };
  }
}
