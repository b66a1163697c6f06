import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { asNexusError, NexusError, toHex } from '../../feeds/base/mod.ts';
import { KeyRing } from '../../circuits/mod.ts';
import { openArchive } from '../../feeds/client/mod.ts';
import { replayStored, type StoredLogs } from '../../feeds/evidence/mod.ts';
import type { Certified, Differing, LedgerView, Slash } from '../../feeds/ledger/mod.ts';
import { streamCall } from '../control/mod.ts';
import { foldOptionsOf } from '../evidence/mod.ts';
import { pathsOf } from '../home/mod.ts';
import type { Network, NetworkFile } from '../network/mod.ts';
import { demandKeys } from '../prover/mod.ts';
import type { NodeOptions } from './options.ts';

/** Accounts of one result, at most: the root stands for all. */
const MAX_ACCOUNTS = 4096;
/** Between two words of how far it is, milliseconds. */
const TELL_MS = 250;

/** A network's ledger, computed anew from its logs alone. */
export interface LedgerReplay {
  network: { name: string; id: string };
  /** Of the last cut that is here whole. */
  epoch: number;
  /** 32 bytes in hexadecimal: equal for all who hold the same cuts. */
  root: string;
  /** Newest epoch whose root more than 2/3 of the witnesses' weight vouch for. */
  certified: Certified | null;
  /** The first epoch of which they vouch for another root; null: there is none. */
  differs: Differing | null;
  /** Blocks that the cuts cover. */
  entries: number;
  /** With at most 4096 accounts; there are `accountCount`. */
  view: LedgerView;
  accountCount: number;
  /** Every slash, oldest first, with where the entries stand that it follows from. */
  slashes: Slash[];
  /** Why it came no further, where the logs go on; else null. */
  broken: { code: string; message: string; hint?: string } | null;
}

/** How far a replay is. */
export type ReplayProgress = { event: 'replayed'; epoch: number; entries: number };

/**
 * Computes the ledger anew from logs: nothing but the network's file is believed.
 * @throws {NexusError} `NO_LEDGER`, `NO_CUTS`, `KEY_UNKNOWN`
 */
export async function* replayLedgerOf(
  logs: StoredLogs,
  { file, keyFolder }: Pick<Network, 'file' | 'keyFolder'>,
  signal: AbortSignal,
): AsyncGenerator<ReplayProgress, LedgerReplay, void> {
  demandLedger(file);
  await demandKeys(new KeyRing(keyFolder), file.circuits);
  const options = foldOptionsOf(file, keyFolder);
  const slashes: Slash[] = [];
  let entries = 0, epoch = -1, told = performance.now(), view: LedgerView | null = null;
  let broken: LedgerReplay['broken'] = null, read = () => view;
  try {
    for await (const { cut, ledger, fold } of replayStored(logs, options, signal)) {
      epoch = cut.epoch;
      for (const { from, to } of cut.spans) entries += to - from;
      for (const event of ledger) if (event.type === 'slash') slashes.push(event.slash);
      read = () => fold.ledger!.view();
      if (performance.now() - told < TELL_MS) continue;
      told = performance.now();
      yield { event: 'replayed', epoch, entries };
    }
  } catch (thrown) {
    signal.throwIfAborted();
    const { code, message, hint } = asNexusError(thrown).toJSON();
    broken = { code, message, ...(hint === undefined ? {} : { hint }) };
  }
  view = read();
  if (view === null) {
    const why = broken === null ? 'the witnesses’ logs are not here' : broken.message;
    throw new NexusError('NO_CUTS', `the logs here show no cut of ${file.name}: ${why}`, {
      hint: 'let a node of this home run until the peers’ logs are here: nexus up; see nexus peers',
    });
  }
  const { root, certified, differs, accounts } = view;
  return {
    network: { name: file.name, id: toHex(options.network) },
    epoch,
    root,
    certified,
    differs,
    entries,
    view: { ...view, accounts: accounts.slice(0, MAX_ACCOUNTS) },
    accountCount: accounts.length,
    slashes,
    broken,
  };
}

/**
 * The ledger of a home's network, computed anew from the logs that are here: by the node that runs on
 * it, else from the files, which are only read. `nexus audit --ledger` is made of it.
 * @param path of another home, or of a bare store (a copy will do); absent: the own home
 * @throws {NexusError} `NO_LEDGER`, `NO_CUTS`, `STORE_MISSING`, `STORE_UNREADABLE`
 */
export async function* replayLedger(
  { home, network, nodeBinary }: Pick<NodeOptions, 'home' | 'network' | 'nodeBinary'>,
  signal: AbortSignal,
  path?: string,
): AsyncGenerator<ReplayProgress, LedgerReplay, void> {
  demandLedger(network.file);
  const paths = path === undefined ? home.paths : pathsOf(path);
  const isStore = path !== undefined && existsSync(join(paths.home, 'CORESTORE'));
  if (!isStore) {
    try {
      const params = { network: toHex(network.id) };
      return yield* streamCall(paths.socket, 'ledgerReplay', params, signal) as AsyncGenerator<
        ReplayProgress,
        LedgerReplay,
        void
      >;
    } catch (thrown) {
      if (!(thrown instanceof NexusError) || !OTHERWISE.has(thrown.code)) throw thrown;
    }
  }
  const node = nodeBinary === undefined ? {} : { node: nodeBinary };
  await using logs = await openArchive(isStore ? paths.home : paths.store, node);
  return yield* replayLedgerOf(logs, network, signal);
}

/** @throws {NexusError} `NO_LEDGER` */
export function demandLedger({ name, ledger }: NetworkFile): void {
  if (ledger !== null) return;
  throw new NexusError('NO_LEDGER', `${name} has no ledger: nothing costs anything there`, {
    hint: 'choose a network that has one: --network',
  });
}

/** No node runs there, or one of another network. */
const OTHERWISE = new Set(['NODE_NOT_RUNNING', 'OTHER_NETWORK']);
