import type {
  ArtifactRecord,
  BeaconRevealRecord,
  BondRecord,
  CapabilityRecord,
  ClaimRecord,
  EquivocationRecord,
  JobRecord,
  LedgerRootRecord,
  SettleRecord,
  UnbondRecord,
} from '../records/mod.ts';
import type { Hex, Known, Place, TrustEvent, Weights } from '../trust/mod.ts';
import type { Bonds } from './bonds.ts';
import type { Jobs } from './jobs.ts';
import type { Market } from './market.ts';

/** A cut's entries by what they say, each kind in the order of cores and indices. */
export class Sorted {
  readonly capability: Known<CapabilityRecord>[] = [];
  readonly bond: Known<BondRecord>[] = [];
  readonly unbond: Known<UnbondRecord>[] = [];
  readonly job: Known<JobRecord>[] = [];
  readonly artifact: Known<ArtifactRecord>[] = [];
  readonly settle: Known<SettleRecord>[] = [];
  readonly claim: Known<ClaimRecord>[] = [];
  readonly equivocation: Known<EquivocationRecord>[] = [];
  readonly ledgerRoot: Known<LedgerRootRecord>[] = [];
  readonly beaconReveal: Known<BeaconRevealRecord>[] = [];

  add(entry: Known): void {
    const { type } = entry.record;
    const list = Object.hasOwn(this, type) ? this[type as 'job'] : undefined;
    list?.push(entry as Known<JobRecord>);
  }

  /**
   * Who did a witness's work in this cut, with their weights: whose share of a beacon, or word on a
   * root, counts for something.
   * @param vouched whose word on an epoch's root was heard
   * @param trust what the trust fold said of the cut, refused reveals among it
   */
  witnesses(
    weights: Weights,
    vouched: Iterable<Hex>,
    trust: readonly TrustEvent[],
  ): Map<Hex, number> {
    const refused = new Set(
      trust.flatMap((event) =>
        event.type === 'finding' && event.finding.code === 'beacon-reveal'
          ? [placeOf(event.finding.place)]
          : []
      ),
    );
    const shares = this.beaconReveal.filter(({ place }) => !refused.has(placeOf(place)));
    const there = new Set([...vouched, ...shares.map(({ owner }) => owner)]);
    const voices = [...there].filter((key) => weights.has(key));
    return new Map(voices.map((key) => [key, weights.get(key)!]));
  }
}

function placeOf({ core, index }: Place): string {
  return `${core} ${index}`;
}

/** @param see called with each, whatever it says */
export function sortEntries(known: readonly Known[], see: (entry: Known) => void): Sorted {
  const sorted = new Sorted();
  for (const entry of known) {
    see(entry);
    sorted.add(entry);
  }
  return sorted;
}

/**
 * Hands on what is about money: offers before what answers them, and bonds last, so that nobody puts
 * away in the same cut what executors have worked for.
 */
export function takeEntries(sorted: Sorted, market: Market, bonds: Bonds, jobs: Jobs): void {
  for (const { owner, record } of sorted.capability) market.offer(owner, record);
  for (const entry of sorted.job) jobs.offer(entry);
  for (const entry of sorted.artifact) jobs.artifact(entry);
  for (const entry of sorted.settle) jobs.settle(entry);
  for (const entry of sorted.claim) jobs.claim(entry);
  for (const entry of sorted.bond) bonds.bond(entry);
  for (const entry of sorted.unbond) bonds.unbond(entry);
}
