import { fromHex, toHex } from '../../feeds/base/mod.ts';
import {
  encodeRecord,
  type ProofRecord,
  publicsHash,
  type PublicsOpening,
} from '../../feeds/records/mod.ts';
import {
  accusationOf,
  type ProofCheck,
  type SamplingEvent,
  SamplingFold,
  type SamplingOptions,
} from '../../feeds/sampling/mod.ts';
import type { TrustEvent } from '../../feeds/trust/mod.ts';
import { bytes32, NETWORK, type Party, type Work, World } from '../trust/world.ts';

export const KEY = toHex(bytes32('key'));
export const ROOT = bytes32('topk root');
/** Proofs that hold begin with a 1, in tests. */
export const check: ProofCheck = (_statement, _key, publics, proof) =>
  Promise.resolve(proof[0] === 1 && publics[0] === 7n);

/** A world of values in which sampling is proven. */
export class ProvenWorld extends World {
  readonly proving: SamplingOptions;
  readonly sampling: SamplingFold;
  readonly told: SamplingEvent[] = [];
  /** Proofs that were checked so far. */
  checked = 0;
  /** What was handed in, to be handed in again elsewhere. */
  readonly handed: Parameters<SamplingFold['takeCut']>[] = [];

  constructor(terms: Partial<SamplingOptions['terms']> = {}) {
    super({ rules: { challengeCuts: 8 } });
    this.proving = {
      terms: { share: 10_000, withinCuts: 3, keys: { sample: KEY }, ...terms },
      challengeCuts: this.options.rules.challengeCuts,
      check: (...args) => {
        this.checked++;
        return check(...args);
      },
    };
    this.sampling = new SamplingFold(this.proving);
  }

  override async cut(options: Parameters<World['cut']>[0] = {}): Promise<TrustEvent[]> {
    const events = await super.cut(options);
    const args: Parameters<SamplingFold['takeCut']> = [this.epoch, this.fold.known, events];
    this.handed.push(args);
    this.told.push(...await this.sampling.takeCut(...args));
    return events;
  }

  /** Logs a proof of an answer. */
  proof(
    { subject }: Pick<Work, 'subject'>,
    by: Party,
    { holds = true, ...but }: { holds?: boolean } & Partial<ProofRecord> = {},
  ): { record: ProofRecord; opening: PublicsOpening } {
    const opening = { salt: bytes32('salt', subject), publics: [7n, 8n] };
    const record: ProofRecord = {
      type: 'proof',
      network: NETWORK,
      statement: 'sample',
      subject: fromHex(subject),
      key: fromHex(KEY),
      publics: publicsHash(opening),
      proof: new Uint8Array(256).fill(holds ? 1 : 2),
      at: 0,
      ...but,
    };
    this.append(by, 'artifacts', record);
    return { record, opening };
  }

  accuse(by: Party, offender: Party, record: ProofRecord, opening: PublicsOpening): void {
    this.append(by, 'attestations', accusationOf(offender.key, record, opening, 0));
  }

  /** The events of one type so far. */
  said<T extends SamplingEvent['type']>(type: T): (SamplingEvent & { type: T })[] {
    return this.told.filter((event) => event.type === type) as (SamplingEvent & { type: T })[];
  }

  get codes(): string[] {
    return this.said('finding').map(({ finding }) => finding.code);
  }
}

export { bytes32, encodeRecord };
