import { NexusError } from '../../feeds/base/mod.ts';
import { call } from '../control/mod.ts';
import { networkRoom } from '../session/mod.ts';
import type { Context } from './context.ts';

/**
 * Asks the running node about the ledger of its network.
 * @throws {NexusError} `NO_LEDGER` also where no node runs and the chosen network has no money
 */
export async function ledgerCall(
  { home, settings }: Context,
  method: 'balance' | 'ledger' | 'bond' | 'unbond' | 'ledgerProve',
  params: Record<string, unknown>,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    return await call(home.paths.socket, method, params, signal);
  } catch (thrown) {
    if (!(thrown instanceof NexusError) || thrown.code !== 'NODE_NOT_RUNNING') throw thrown;
    const { loadNetwork } = await networkRoom();
    const chosen = settings.network.value;
    const network = await loadNetwork(home.paths, chosen).catch(() => null);
    if (network !== null && network.file.ledger === null) throw noLedger(network.name);
    throw new NexusError('NODE_NOT_RUNNING', thrown.message, {
      hint: 'the ledger follows from cuts that a running node reads: start it with `nexus up`; ' +
        'from the logs that are here already: `nexus audit --ledger`',
      cause: thrown.cause,
    });
  }
}

/** What money is asked for where there is none. */
export function noLedger(network: string): NexusError {
  return new NexusError(
    'NO_LEDGER',
    `${network} has no ledger: nothing costs anything there`,
    { hint: 'choose a network that has one: nexus network use' },
  );
}
