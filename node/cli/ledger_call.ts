import { NexusError, sleep } from '../../feeds/base/mod.ts';
import { askStandstill, call, type LedgerRows } from '../control/mod.ts';
import { networkRoom } from '../session/mod.ts';
import type { Context } from './context.ts';
import type { Output } from './output.ts';

/** A node that has just begun reads its first cut within that, milliseconds. */
const FIRST_CUT_MS = 20_000;
const AGAIN_MS = 250;

/**
 * Asks the running node about the ledger of its network; waits a little where it has just begun.
 * @throws {NexusError} `NO_LEDGER` also where no node runs and the chosen network has no money
 */
export async function ledgerCall(
  context: Context,
  method:
    | 'balance'
    | 'ledger'
    | 'bond'
    | 'unbond'
    | 'ledgerProve'
    | 'fieldAccount'
    | 'fieldReceipts'
    | 'fieldRoots',
  params: Record<string, unknown>,
  signal: AbortSignal,
): Promise<unknown> {
  const { socket } = context.home.paths;
  const until = performance.now() + FIRST_CUT_MS;
  for (;;) {
    try {
      return await call(socket, method, params, signal);
    } catch (thrown) {
      if (!(thrown instanceof NexusError)) throw thrown;
      if (thrown.code === 'NODE_NOT_RUNNING') throw await notRunning(context, thrown);
      if (thrown.code !== 'LEDGER_UNREAD' || performance.now() > until) throw thrown;
      await sleep(AGAIN_MS, signal);
    }
  }
}

/** Says where no cut comes any more, and who is missing. */
export async function warnStill(
  { home }: Context,
  rows: LedgerRows,
  out: Output,
  signal: AbortSignal,
): Promise<void> {
  const text = await askStandstill(home.paths.socket, rows, Date.now(), signal);
  if (text !== null) await out.warn(text);
}

/** Why nobody answers: where there is no money, that is said at once. */
async function notRunning(
  { home, settings }: Context,
  thrown: NexusError,
): Promise<NexusError> {
  const { loadNetwork } = await networkRoom();
  const network = await loadNetwork(home.paths, settings.network.value).catch(() => null);
  if (network !== null && network.file.ledger === null) return noLedger(network.name);
  return new NexusError('NODE_NOT_RUNNING', thrown.message, {
    hint:
      'the ledger follows from cuts that a running node reads: start it with `nexus up`; from ' +
      'the logs that are here already: `nexus audit --ledger`',
    cause: thrown.cause,
  });
}

/** What money is asked for where there is none. */
export function noLedger(network: string): NexusError {
  return new NexusError(
    'NO_LEDGER',
    `${network} has no ledger: nothing costs anything there`,
    { hint: 'choose a network that has one: nexus network use' },
  );
}
