import type { Feeds } from '../../feeds/client/mod.ts';
import { Accuser } from './accusing.ts';
import type { BanList } from './bans.ts';
import type { EventBus } from './events.ts';
import type { NodeLedger } from './ledger.ts';
import { Ledgering } from './ledgering.ts';
import type { OwnLogs } from './logs.ts';
import type { NodeOptions } from './options.ts';
import type { ServingModels } from './serving.ts';

/** What a node of a network with a ledger has beside its other parts. */
export interface Money {
  /** As it is known now. */
  ledger: NodeLedger;
  /** What is remembered and told of it. */
  ledgering: Ledgering;
  /** Proofs of misconduct. */
  accuser: Accuser;
}

export interface MoneyOptions {
  ledger: NodeLedger;
  node: NodeOptions;
  /** Identity key of this node. */
  me: Uint8Array;
  feeds: Promise<Feeds>;
  logs: OwnLogs;
  bans: BanList;
  serving: ServingModels;
  bus: EventBus;
  /** Prices may have moved. */
  onPrices: () => void;
  /** A peer was banned. */
  onBan: () => Promise<void>;
}

/** Puts it together. */
export function moneyOf(options: MoneyOptions): Money {
  const accuser = new Accuser({ ...options, network: options.node.network.id });
  accuser.follow(options.feeds).catch(() => {}); // told to whoever needs the feeds
  return { ledger: options.ledger, ledgering: new Ledgering(options), accuser };
}
