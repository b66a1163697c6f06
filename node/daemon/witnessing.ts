import { join } from 'node:path';
import { asNexusError, NexusError, sleep, toHex } from '../../feeds/base/mod.ts';
import type { Cut, Equivocation, Waiting } from '../../feeds/agreement/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import { importSigner, type Signer } from '../../feeds/records/mod.ts';
import { ensureIdentity } from '../home/mod.ts';
import type { Snapshot, SnapshotKeeper } from '../snapshot/mod.ts';
import { BeaconChains, type ChainsState, Witness } from '../witness/mod.ts';
import type { EventBus } from './events.ts';
import type { OwnLogs } from './logs.ts';
import type { Money } from './money.ts';
import type { NodeOptions } from './options.ts';
import type { Seating } from './seating.ts';
import { resuming } from './snapshots.ts';

/** Pauses before what failed is begun anew, milliseconds. */
const FIRST_PAUSE_MS = 500;
const MOST_PAUSE_MS = 30_000;
/** Cuts that come closer than that are old ones, read again: the newest is told. */
const CALM_MS = 100;

export interface WitnessingOptions {
  node: NodeOptions;
  feeds: Promise<Feeds>;
  logs: OwnLogs;
  signer: Signer;
  bus: EventBus;
  snapshots: SnapshotKeeper;
  seating: Pick<Seating, 'after'>;
  /** Null in a network without money. */
  money: Pick<Money, 'accuser'> | null;
}

/**
 * Refuses the role of a witness to a node that its network does not name, where bonds make none either.
 * @throws {NexusError} `NOT_A_WITNESS`
 */
export async function demandWitness({ roles, network, home }: NodeOptions): Promise<void> {
  if (!roles.has('witness')) return;
  const key = (await importSigner(home.seed)).publicKey;
  const { witnesses } = network.file;
  // It stands by, and is one when its bond is among the greatest.
  if (elects({ network })) return;
  if (witnesses.some((witness) => toHex(witness.key) === toHex(key))) return;
  const who = witnesses.length === 0
    ? `${network.name} has no witnesses`
    : `this node is none of the ${witnesses.length} witnesses of ${network.name}`;
  throw new NexusError('NOT_A_WITNESS', who, {
    hint: 'witnesses are named when a network is made: nexus network new <name> --witness self; ' +
      'see nexus network show; leave out --role witness',
  });
}

/** Whether bonds make witnesses in a node's network. */
export function elects({ network: { file } }: Pick<NodeOptions, 'network'>): boolean {
  return file.ledger !== null && file.ledger.rules.witnessBonds > 0;
}

/** Makes the cuts of a network where this node is one of its witnesses. Returns what ends it. */
export function makeCuts(options: WitnessingOptions): () => Promise<void> {
  const { node, bus, snapshots } = options;
  const stop = new AbortController();
  const { signal } = stop;
  const work = node.roles.has('witness') && node.mesh
    ? again(() => resuming(snapshots, (from) => witness(options, from, signal)), bus, signal)
    : Promise.resolve();
  return async () => {
    stop.abort();
    await work;
  };
}

/** Begins anew what fails, until the signal aborts; failures are told on the bus. */
export async function again(
  run: () => Promise<void>,
  bus: EventBus,
  signal: AbortSignal,
): Promise<void> {
  let pause = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    const since = performance.now();
    try {
      await run();
    } catch (thrown) {
      if (!signal.aborted) bus.emit('error', { ...asNexusError(thrown).toJSON() });
    }
    if (performance.now() - since > MOST_PAUSE_MS) pause = FIRST_PAUSE_MS;
    await sleep(pause, signal);
    pause = Math.min(MOST_PAUSE_MS, 2 * pause);
  }
}

async function witness(
  options: WitnessingOptions,
  snapshot: Snapshot | null,
  signal: AbortSignal,
): Promise<void> {
  const { node, logs, signer, bus } = options;
  const feeds = await options.feeds;
  const { file, id } = node.network;
  const seed = await beaconSeed(node);
  const from = snapshot && { ...snapshot.cuts, chains: snapshot.audit.chains };
  await Witness.run({
    feeds,
    append: (blocks) => logs.append('attestations', blocks),
    network: id,
    witnesses: file.witnesses,
    ...(elects(node) ? { seatsAfter: (epoch) => options.seating.after(epoch) } : {}),
    signer,
    epochMs: file.rules.epochMs,
    beaconSeed: seed,
    ...(from === null ? {} : { from }),
    ...tellingCuts(bus, options.money),
  }, signal);
}

/** A witness's chains as the cuts cover them. @param from what is known of them already */
export async function ownChains(
  node: NodeOptions,
  { identity }: Pick<Feeds, 'identity'>,
  from: ChainsState | null,
): Promise<BeaconChains> {
  return new BeaconChains({
    seed: await beaconSeed(node),
    network: node.network.id,
    core: identity.attestations,
    ...(from === null ? {} : { from }),
  });
}

async function beaconSeed({ home }: NodeOptions): Promise<Uint8Array> {
  return (await ensureIdentity(join(home.paths.home, 'beacon'))).seed;
}

/** What is told on the bus of cuts and of witnesses that break their word. */
export function tellingCuts(bus: EventBus, money: Pick<Money, 'accuser'> | null) {
  let newest: Cut | null = null;
  const tell = () => {
    const { epoch, hash, heads, votes } = newest!;
    newest = null;
    bus.emit('cut', {
      epoch,
      hash: toHex(hash),
      heads: heads.length,
      round: votes[0]!.round,
      witnesses: votes.map((vote) => toHex(vote.witness)),
    });
  };
  return {
    onCut: (cut: Cut) => {
      if (newest === null) setTimeout(tell, CALM_MS);
      newest = cut;
    },
    onStall: (waiting: Waiting) => bus.emit('cut-stalled', { ...waiting }),
    onEquivocation: (equivocation: Equivocation) => {
      const { kind, witness, first: { epoch, round } } = equivocation;
      bus.emit('equivocation', { witness: toHex(witness), kind, epoch, round });
      money?.accuser.voted(equivocation);
    },
  };
}
