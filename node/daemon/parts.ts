import type { Signer } from '../../feeds/records/mod.ts';
import { ModelStore } from '../models/mod.ts';
import { Checks } from './checks.ts';
import { Directory } from './directory.ts';
import { EventBus } from './events.ts';
import { SeenHeads } from './heads.ts';
import { ModelKeeper } from './keeper.ts';
import { NodeLedger } from './ledger.ts';
import { Lender } from './lender.ts';
import { OwnLogs } from './logs.ts';
import { type Money, moneyOf } from './money.ts';
import type { NodeOptions } from './options.ts';
import { Place } from './place.ts';
import { Probing } from './probing.ts';
import { ReceiptDesk } from './receipts.ts';
import { Runner } from './runner.ts';
import type { Services } from './services.ts';

/** What a node does, apart: each part is given what it needs of the others. */
export interface NodeParts {
  signer: Signer;
  bus: EventBus;
  /** The peers, and what they offer. */
  directory: Directory;
  store: ModelStore;
  keeper: ModelKeeper;
  logs: OwnLogs;
  /** Its place in the mesh. */
  place: Place;
  /** Answers peers. */
  lender: Lender;
  /** Answers prompts. */
  runner: Runner;
  /** Reads answers once more. */
  checks: Checks;
  /** What is measured about machines. */
  probing: Probing;
  /** Null in a network without a ledger. */
  money: Money | null;
}

/** Makes them; nothing is begun. @param startedAt milliseconds since 1970 */
export function partsOf(options: NodeOptions, services: Services, startedAt: number): NodeParts {
  const { home, settings, network } = options;
  const { signer, engine, feeds, bans, probes, transcripts } = services;
  const me = signer.publicKey;
  const bus = new EventBus(), directory = new Directory();
  const logs = new OwnLogs(feeds), store = new ModelStore(home.paths.home);
  const seen = new SeenHeads(feeds, directory);
  const heads = () => seen.now();
  const { ledger: terms, rules } = network.file;
  const ledger = terms && new NodeLedger({ terms, me, rules });
  const banned = (key: Uint8Array) => bans.has(key) || (ledger?.banned(key) ?? false);
  const meshFeeds = () => (options.mesh ? feeds : null);
  const lender = new Lender({ options, services, logs, store, bus, heads, ledger, startedAt });
  const { serving, jobs, energy } = lender;
  const money = ledger && moneyOf({
    ledger,
    node: options,
    me,
    feeds,
    logs,
    bans,
    serving,
    bus,
    onPrices: () => lender.reprice(),
    onBan: () => place.refresh(),
  });
  const place = new Place({
    network,
    signer,
    bus,
    directory,
    bans,
    profiles: () => serving.all.map(({ loaded }) => loaded.profileId),
    announce: options.announce,
    feeds,
  });
  const keeper = new ModelKeeper({
    engine,
    store,
    serving,
    directory,
    isPrivate: network.secret !== null,
    feeds: meshFeeds,
  });
  const checks = new Checks({
    ...services,
    serving,
    directory,
    bus,
    network,
    self: me,
    banned,
    feeds: meshFeeds,
  });
  const probing: Probing = new Probing({
    node: options,
    engine,
    feeds,
    signer,
    serving,
    jobs,
    logs,
    directory,
    checking: checks.checking,
    bus,
    ledger,
    banned,
    heads,
    probes,
    keepAttempt: (kept) => transcripts.keep(kept),
    energyOf: (profile) => energy.perToken(profile),
    priceCap: (profile) => runner.priceCap(profile),
  });
  const receipts = new ReceiptDesk({ feeds, directory, folder: home.paths.receipts });
  const runner = new Runner({
    engine,
    keeper,
    serving,
    directory,
    jobs,
    logs,
    signer,
    network: () => place.network,
    heads,
    feeds: meshFeeds,
    meshReady: () => place.ready(),
    meshState: () => place.mesh?.state ?? null,
    banned,
    distrusted: (key) => checks.why(key),
    standing: (key) => ledger?.standing(key) ?? null,
    speedOf: (key, profile) => probing.speedOf(key, profile),
    ledger,
    verify: (answered, signal) => checks.verify(answered, signal),
    where: settings.where.value,
    model: settings.model.value,
    maxTokens: settings.maxTokens.value,
    keepAttempt: (kept) => transcripts.keep(kept),
    keep: (finished) => receipts.keep(finished),
  });
  return {
    signer,
    bus,
    directory,
    store,
    keeper,
    logs,
    place,
    lender,
    runner,
    checks,
    probing,
    money,
  };
}
