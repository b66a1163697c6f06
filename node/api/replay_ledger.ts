import { type LedgerReplay, replayLedger as replayed } from '../daemon/mod.ts';
import { contextOf, type HomeOptions, nodeOptionsOf } from './options.ts';

/** Options of {@link replayLedger}. */
export interface ReplayLedgerOptions extends Pick<HomeOptions, 'home' | 'network'> {
  /** Another home whose logs are read, or a bare store; a copy will do. Default: the home's own. */
  logs?: string;
  /** Told now and then how far it is: the epoch, and entries so far. */
  onProgress?: (epoch: number, entries: number) => void;
  signal?: AbortSignal;
}

/**
 * Computes a network's ledger anew from the logs that are here, local or replicated, as
 * `nexus audit --ledger` does: every balance, bond, price and slash, with the root that all who hold
 * the same cuts come to. Believes nothing but the network's file. A node may be running meanwhile.
 *
 * @example
 * ```ts
 * import { NexusError, replayLedger } from './mod.ts';
 *
 * try {
 *   const { epoch, root, slashes } = await replayLedger();
 *   console.log(`after epoch ${epoch}: ${root}`);
 *   for (const { offender, cause, evidence } of slashes) console.log(offender, cause, evidence);
 * } catch (error) {
 *   console.log(error instanceof NexusError ? error.message : error); // a network without money, …
 * }
 * ```
 *
 * @throws {NexusError} `NO_LEDGER` for a network where nothing costs anything, `NO_CUTS` if the logs
 * show no cut, `STORE_MISSING` if no log was ever written there
 */
export async function replayLedger(options: ReplayLedgerOptions = {}): Promise<LedgerReplay> {
  const { logs, onProgress, signal = new AbortController().signal, ...at } = options;
  const wish = { roles: [], models: [], mesh: false, announce: false };
  const node = await nodeOptionsOf(await contextOf(at), wish);
  const replay = replayed(node, signal, logs);
  for (;;) {
    const { done, value } = await replay.next();
    if (done) return value;
    onProgress?.(value.epoch, value.entries);
  }
}
