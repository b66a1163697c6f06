import { fromHex, NexusError, plainCopy, toHex } from '../base/mod.ts';
import {
  type ArtifactRecord,
  type EquivocationRecord,
  type JobRecord,
  type ProofRecord,
  recordHash,
  TOP_P_OFF,
} from '../records/mod.ts';
import type { Hex, Known, Place, Subject, TrustEvent } from '../trust/mod.ts';
import { judgeAccusation } from './accusation.ts';
import { isAsked, proofDraw } from './draw.ts';
import { type HeldArtifact, type HeldOffer, SAMPLING_STATE, type SamplingState } from './state.ts';
import type {
  ProofCheck,
  ProofCounts,
  ProofTerms,
  SamplingEvent,
  SamplingFinding,
  SamplingFindingCode,
  SamplingProof,
} from './types.ts';

/** Findings that are kept; all are told once, as events. */
const MOST_FINDINGS = 256;
/** Accusations of one author in one cut that may be wrong: an honest one never is. */
const MOST_WRONG = 4;

export interface SamplingOptions {
  terms: ProofTerms;
  /** The network's: entries are looked at for twice as long. */
  challengeCuts: number;
  check: ProofCheck;
}

/** The fold. Deterministic: the same cuts with the same entries give the same events. */
export class SamplingFold {
  readonly #options: SamplingOptions;
  #artifacts = new Map<Hex, HeldArtifact>();
  #offers = new Map<string, HeldOffer>();
  #proofs = new Map<Hex, SamplingProof>();
  #counts = new Map<Hex, ProofCounts>();
  #findings: SamplingFinding[] = [];
  #findingCount = 0;
  /** By hash of the `proof` entry, its subject. */
  readonly #entries = new Map<Hex, Hex>();
  #events: SamplingEvent[] = [];

  constructor(options: SamplingOptions, state?: SamplingState) {
    this.#options = options;
    if (state === undefined) return;
    if (state.version !== SAMPLING_STATE) {
      throw new NexusError('STATE_UNKNOWN', 'the state is of another version of this program', {
        hint: 'fold from the first cut',
      });
    }
    const { artifacts, offers, proofs, counts, findings, findingCount } = plainCopy(state);
    this.#artifacts = artifacts;
    this.#offers = offers;
    this.#proofs = proofs;
    this.#counts = counts;
    this.#findings = findings;
    this.#findingCount = findingCount;
    for (const [id, { entry }] of proofs) if (entry !== null) this.#entries.set(entry.hash, id);
  }

  /** Everything that the next cuts depend on; not while one is being taken. */
  state(): SamplingState {
    return plainCopy<SamplingState>({
      version: SAMPLING_STATE,
      artifacts: this.#artifacts,
      offers: this.#offers,
      proofs: this.#proofs,
      counts: this.#counts,
      findings: this.#findings,
      findingCount: this.#findingCount,
    });
  }

  /**
   * Takes the next cut.
   * @param known entries that it covers: `TrustFold.known`
   * @param trust what the trust fold concluded of it
   */
  async takeCut(
    epoch: number,
    known: readonly Known[],
    trust: readonly TrustEvent[],
  ): Promise<SamplingEvent[]> {
    for (const entry of known) this.#hold(entry, epoch);
    let beacon: { epoch: number; value: Uint8Array } | null = null;
    for (const event of trust) {
      if (event.type === 'beacon' && event.value !== null) {
        beacon = { epoch: event.epoch, value: fromHex(event.value) };
      } else if (event.type === 'subject' && beacon?.epoch === event.beacon) {
        this.#draw(event.subject, beacon, epoch);
      }
    }
    for (const entry of known) {
      if (entry.record.type === 'proof') this.#made(entry as Known<ProofRecord>);
    }
    this.#late(epoch);
    const wrong = new Map<Hex, number>();
    for (const entry of known) {
      const { record } = entry;
      if (record.type !== 'equivocation' || record.proof !== 'proof') continue;
      await this.#accused(entry as Known<EquivocationRecord>, wrong);
    }
    this.#forget(epoch - 2 * this.#options.challengeCuts);
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Proofs that the network asks of an executor, and that it has not made: the oldest first. */
  owedBy(executor: Hex): SamplingProof[] {
    return this.proofs.filter(({ asked, entry, topkRoot, subject }) =>
      asked && entry === null && topkRoot !== null && subject.executor === executor
    );
  }

  /** Attempts that a beacon has looked at, within the challenge window, the oldest first. */
  get proofs(): SamplingProof[] {
    return [...this.#proofs.values()];
  }

  /** @param subject hash of its artifact */
  get(subject: Hex): SamplingProof | null {
    return this.#proofs.get(subject) ?? null;
  }

  /** By executor. */
  get counts(): ReadonlyMap<Hex, Readonly<ProofCounts>> {
    return this.#counts;
  }

  /** The newest, at most 256, and how many there were. */
  get findings(): { list: readonly SamplingFinding[]; count: number } {
    return { list: this.#findings, count: this.#findingCount };
  }

  #hold({ record, bytes, place }: Known, cut: number): void {
    if (record.type === 'artifact') {
      const { topkRoot, resumeAt } = record as ArtifactRecord;
      const root = topkRoot === null ? null : toHex(topkRoot), hash = toHex(recordHash(bytes));
      // A block may stand in the logs twice: it goes to the end, or the order were not that of cuts.
      this.#artifacts.delete(hash);
      this.#artifacts.set(hash, { cut, topkRoot: root, resumeAt });
    } else if (record.type === 'job') {
      const { tq, pq } = (record as JobRecord).sampling;
      this.#offers.set(nameOf(place), { cut, tq, pq });
    }
  }

  #draw(subject: Subject, beacon: { epoch: number; value: Uint8Array }, cut: number): void {
    const artifact = this.#artifacts.get(subject.id),
      offer = this.#offers.get(nameOf(subject.offer));
    this.#artifacts.delete(subject.id);
    this.#offers.delete(nameOf(subject.offer));
    if (subject.kind !== 'artifact' || artifact === undefined || offer === undefined) return;
    const { share, withinCuts } = this.#options.terms;
    const { tq, pq } = offer, { topkRoot, resumeAt } = artifact;
    const asked = pq === TOP_P_OFF && isAsked(beacon.value, subject.id, share);
    const proof: SamplingProof = {
      subject,
      beacon: beacon.epoch,
      draw: proofDraw(beacon.value, subject.id),
      asked,
      state: 'open',
      due: asked ? cut + withinCuts : null,
      topkRoot,
      resumeAt,
      tq,
      pq,
      entry: null,
    };
    this.#proofs.set(subject.id, proof);
    if (!asked) return;
    this.#of(subject.executor).asked++;
    this.#events.push({ type: 'asked', proof });
  }

  #made({ owner, place, record, bytes }: Known<ProofRecord>): void {
    const { statement, subject, key, publics } = record;
    const id = toHex(subject), proof = this.#proofs.get(id);
    if (proof === undefined || proof.subject.executor !== owner || statement !== 'sample') {
      return this.#refuse('proof-unknown', place, owner, 'of no artifact of its author');
    }
    if (toHex(key) !== this.#options.terms.keys[statement]) {
      return this.#refuse('proof-key', place, owner, 'the network pins another verification key');
    }
    if (proof.entry !== null) {
      return this.#refuse('proof-twice', place, owner, 'the first one counts');
    }
    const hash = toHex(recordHash(bytes));
    this.#entries.set(hash, id);
    const made = {
      ...proof,
      state: 'made',
      entry: { place, hash, publics: toHex(publics), upheld: false },
    } as const;
    this.#proofs.set(id, made);
    this.#of(owner).made++;
    this.#events.push({ type: 'made', proof: made });
  }

  #late(cut: number): void {
    for (const [id, proof] of this.#proofs) {
      if (proof.state !== 'open' || proof.due === null || cut < proof.due) continue;
      const missing = { ...proof, state: 'missing' } as const;
      this.#proofs.set(id, missing);
      this.#of(proof.subject.executor).missing++;
      this.#events.push({ type: 'missing', proof: missing });
    }
  }

  /** @param wrong by author, accusations of this cut that were */
  async #accused(
    { owner, place, record }: Known<EquivocationRecord>,
    wrong: Map<Hex, number>,
  ): Promise<void> {
    const before = wrong.get(owner) ?? 0;
    if (before >= MOST_WRONG) {
      return this.#refuse(
        'accusation-excess',
        place,
        owner,
        'too many of it in this cut were wrong',
      );
    }
    const find = (hash: Hex) => this.#proofs.get(this.#entries.get(hash) ?? '') ?? null;
    const judged = await judgeAccusation(record, find, this.#options.check);
    if ('code' in judged) {
      const { code, detail, upheld } = judged;
      if (code === 'accusation-wrong') wrong.set(owner, before + 1);
      if (upheld?.entry) {
        const entry = { ...upheld.entry, upheld: true };
        this.#proofs.set(upheld.subject.id, { ...upheld, entry });
      }
      return this.#refuse(code, place, owner, detail);
    }
    const proof = { ...judged, state: 'refuted' } as const;
    this.#proofs.set(proof.subject.id, proof);
    this.#of(proof.subject.executor).refuted++;
    this.#events.push({ type: 'refuted', refuted: { proof, place, finder: owner } });
  }

  #forget(oldest: number): void {
    for (const held of [this.#artifacts, this.#offers]) {
      for (const [key, { cut }] of held) {
        // In the order of their cuts.
        if (cut >= oldest) break;
        (held as Map<string, unknown>).delete(key);
      }
    }
    for (const [id, { subject, entry }] of this.#proofs) {
      if (subject.place.cut >= oldest) continue;
      this.#proofs.delete(id);
      if (entry !== null) this.#entries.delete(entry.hash);
    }
  }

  #of(executor: Hex): ProofCounts {
    let counts = this.#counts.get(executor);
    if (counts === undefined) {
      counts = { asked: 0, made: 0, missing: 0, refuted: 0 };
      this.#counts.set(executor, counts);
    }
    return counts;
  }

  #refuse(code: SamplingFindingCode, place: Place, author: Hex, detail: string): void {
    const finding = { code, place, author, detail };
    this.#findings.push(finding);
    if (this.#findings.length > MOST_FINDINGS) this.#findings.shift();
    this.#findingCount++;
    this.#events.push({ type: 'finding', finding });
  }
}

function nameOf({ core, index }: Place): string {
  return `${core}:${index}`;
}
