import { toHex } from '../base/mod.ts';
import type { Cut } from '../agreement/mod.ts';
import type { Checks } from '../proof/mod.ts';
import {
  type Duty,
  type Hex,
  type ProvenCheat,
  type Subject,
  type SubjectOutcome,
  type TrustEvent,
  type TrustView,
} from '../trust/mod.ts';
import {
  type LedgerFold,
  type LedgerView,
  NetworkFold,
  type NetworkOptions,
  type Slash,
} from '../ledger/mod.ts';
import { attestationLogs, cutsIn } from './cuts.ts';
import { Shelf } from './shelf.ts';
import type { Evidence, EvidenceLog } from './types.ts';

/** An answer that was to be audited or not, and all that came of it. */
export interface AuditedSubject {
  subject: Subject;
  /** Chance of its audit in 10,000, and whether the beacon drew it; null: no beacon came yet. */
  rate: number;
  audited: boolean;
  /** In the order in which they were drawn, as they ended. */
  duties: Duty[];
  /** Why a panel was drawn; null without one. */
  panel: 'trigger' | 'disagreement' | null;
  outcome: SubjectOutcome | null;
  reason: string;
}

/** What follows from logs. */
export interface Replayed {
  /** Epoch of the last cut. */
  epoch: number;
  /** Epochs that have a beacon. */
  beacons: number;
  logs: number;
  view: TrustView;
  /** By id. */
  subjects: ReadonlyMap<Hex, AuditedSubject>;
  cheats: readonly ProvenCheat[];
  /** Null where nothing costs anything. */
  ledger: ReplayedLedger | null;
  /** A block that the cuts cover. @param core hexadecimal */
  block(core: Hex, index: number): Uint8Array | null;
  /** How many blocks of a log the cuts cover. @param core hexadecimal */
  covered(core: Hex): number;
  /** Whether a log is of one of those who certified a cut, or were to. @param core hexadecimal */
  isWitness(core: Hex): boolean;
}

/** The ledger after the last cut. */
export interface ReplayedLedger {
  view: LedgerView;
  /** All of them, oldest first: the view has the newest. */
  slashes: readonly Slash[];
  prove: LedgerFold['prove'];
}

/** When to replay no further: asked after each cut. */
export type Until = (cut: Cut, events: readonly TrustEvent[]) => boolean;

/** Logs while they are replayed. */
interface Replay {
  replayed: Replayed;
  shelf: Shelf;
  /** Logs (hexadecimal) of those who certified a cut, or were to. */
  witnessing: ReadonlySet<string>;
}

/**
 * Replays logs: the witnesses' messages to cuts, and the cuts with what they cover to everything that
 * follows from them, by the very code that the nodes of the network run.
 * @returns as far as it came, and why it came no further; null for a whole replay
 */
export async function replayLogs(
  logs: readonly EvidenceLog[],
  options: NetworkOptions,
  until: Until,
): Promise<{ replayed: Replayed | null; broken: unknown }> {
  const { replay, broken } = await run(logs, options, until);
  return { replayed: replay?.replayed ?? null, broken };
}

async function run(
  logs: readonly EvidenceLog[],
  options: NetworkOptions,
  until: Until,
): Promise<{ replay: Replay | null; broken: unknown }> {
  const { network, witnesses, verify } = options;
  const fold = new NetworkFold(options);
  const collector = new Collector();
  const slashes: Slash[] = [];
  const shelf = new Shelf(logs);
  const found = await attestationLogs(logs, verify);
  const sources = Array.from(found.values(), ({ identity, log: { blocks } }) => ({
    identity,
    blocks: blocks.slice(1),
  }));
  const seated = new Set(witnesses.map(({ key }) => toHex(key)));
  let last: Cut | null = null, broken: unknown = null;
  try {
    const check = verify === undefined ? {} : { verify };
    for await (const cut of cutsIn(sources, { network, witnesses, ...check })) {
      for (const { key } of cut.electorate) seated.add(toHex(key));
      for (const { key } of cut.seats ?? []) seated.add(toHex(key));
      const { trust, ledger } = await fold.takeCut(cut, shelf.take(cut));
      collector.take(trust);
      for (const event of ledger) if (event.type === 'slash') slashes.push(event.slash);
      last = cut;
      if (until(cut, trust)) break;
    }
  } catch (thrown) {
    broken = thrown;
  }
  if (last === null) return { replay: null, broken: broken ?? new Error('there is no cut') };
  const { ledger } = fold;
  const witnessing = new Set(
    [...found].flatMap(([key, { identity }]) => seated.has(identity) ? [key] : []),
  );
  const replayed: Replayed = {
    epoch: last.epoch,
    beacons: collector.beacons,
    logs: shelf.size,
    view: fold.trust.view(),
    subjects: collector.subjects,
    cheats: collector.cheats,
    ledger: ledger && { view: ledger.view(), slashes, prove: (key) => ledger.prove(key) },
    block: (core, index) => shelf.block(core, index),
    covered: (core) => shelf.covered(core),
    isWitness: (core) => witnessing.has(core),
  };
  return { replay: { replayed, shelf, witnessing }, broken };
}

/**
 * Replays a file, and compares with what its writer concluded.
 * @param checks takes what was checked
 * @returns null if a check failed: nothing is to be believed then
 */
export async function replayEvidence(
  { logs, epoch, claim, about }: Evidence,
  options: NetworkOptions,
  checks: Checks,
): Promise<Replayed | null> {
  let found: Replay | null = null;
  await checks.run(
    'cuts',
    'each has precommits of more than two thirds of the weight, and names exactly the blocks here',
    async () => {
      const { replay, broken } = await run(logs, options, (cut) => cut.epoch >= epoch);
      if (broken !== null) throw broken;
      found = replay!;
      const end = found.replayed.epoch;
      if (end !== epoch) throw new Error(`they end with epoch ${end}, not ${epoch}`);
    },
  );
  if (found === null) return null;
  const { replayed, shelf, witnessing }: Replay = found;
  await checks.run('logs', 'their writers signed all of each', async () => {
    const signed = await shelf.finish(witnessing);
    if (signed < shelf.size) return `${signed} of ${shelf.size} are signed whole by their writers`;
  });
  await checks.run('conclusions', 'the same as those of the writer of the file', () => {
    if (replayed.view.digest !== claim.digest) {
      throw new Error('another digest follows: its program has other rules, or the claim is false');
    }
    const executor = 'executor' in about ? about.executor : null;
    const cheat = replayed.cheats.find((cheat) => cheat.executor === executor) ?? null;
    const said = claim.cheat;
    const equal = cheat === null || said === null
      ? cheat === said
      : cheat.epoch === said.epoch && cheat.profile === said.profile && cheat.log === said.log &&
        cheat.limit === said.limit;
    if (!equal) throw new Error('another result of the lifetime test follows');
  });
  return checks.ok ? replayed : null;
}

/** Keeps what the fold tells of each subject: the fold itself forgets the old ones. */
class Collector {
  readonly subjects = new Map<Hex, AuditedSubject>();
  readonly cheats: ProvenCheat[] = [];
  beacons = 0;

  take(events: readonly TrustEvent[]): void {
    for (const event of events) {
      if (event.type === 'beacon' && event.value !== null) this.beacons++;
      else if (event.type === 'proven') this.cheats.push(event.cheat);
      else if (event.type === 'subject') {
        const { subject, rate, audited } = event;
        this.subjects.set(subject.id, {
          subject,
          rate,
          audited,
          duties: [],
          panel: null,
          outcome: null,
          reason: '',
        });
      } else if (event.type === 'duty') this.#duty(event.duty);
      else if (event.type === 'panel') {
        const about = this.subjects.get(event.subject);
        if (about !== undefined) about.panel = event.why;
      } else if (event.type === 'closed') {
        const about = this.subjects.get(event.subject.id);
        if (about !== undefined) Object.assign(about, pick(event));
      }
    }
  }

  #duty(duty: Duty): void {
    const duties = this.subjects.get(duty.subject.id)?.duties;
    const at = duties?.findIndex(({ auditor }) => auditor === duty.auditor) ?? -1;
    if (at < 0) duties?.push(duty);
    else duties![at] = duty;
  }
}

function pick({ outcome, reason }: TrustEvent & { type: 'closed' }) {
  return { outcome, reason };
}
