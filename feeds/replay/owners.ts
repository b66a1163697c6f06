import { toHex } from '../base/mod.ts';
import type { IdentityRecord } from '../records/mod.ts';
import { compareKeys, type Key, keyOf } from './keys.ts';
import type { Log } from './log.ts';
import type { Finding, ReplayReport } from './types.ts';

/** The logs in the order of their keys. */
export function inOrder(logs: Map<Key, Log>): Log[] {
  return [...logs.values()].sort((a, b) => compareKeys(a.key, b.key));
}

/**
 * Decides whose log each one is: its block 0 says so, or, where that block is not held, the
 * identity record of another log that names it.
 */
export function bindOwners(logs: readonly Log[], report: (finding: Finding) => void): void {
  const known = identitiesOf(logs);
  for (const log of logs) {
    if (!log.believed || log.identity !== null) continue;
    log.unbind();
    if (log.holdings.has(0)) {
      report(log.finding('identity-missing', 0, 'the first block is no identity that holds'));
      continue;
    }
    if (log.length === 0) continue;
    const named = known.some((identity) => log.bind(identity));
    const detail = named ? 'its owner is known from another log' : 'its owner is not known';
    report(log.finding('identity-not-held', 0, detail));
  }
  const first = new Map<Key, string>();
  for (const log of logs) {
    if (log.identity === null) continue;
    const { publicKey, jobs, artifacts, attestations } = log.identity;
    const cores = [jobs, artifacts, attestations].map(toHex).join();
    const before = first.get(keyOf(publicKey));
    if (before === undefined) first.set(keyOf(publicKey), cores);
    else if (before !== cores) {
      report(log.finding('identity-conflict', 0, 'its identity names other logs elsewhere'));
    }
  }
}

function identitiesOf(logs: readonly Log[]): IdentityRecord[] {
  return logs.flatMap((log) => log.identity ?? [])
    .sort((a, b) => compareKeys(keyOf(a.publicKey), keyOf(b.publicKey)));
}

/** The identities found, each once, in the order of their keys. */
export function reportIdentities(logs: readonly Log[]): ReplayReport['identities'] {
  const found = identitiesOf(logs).map((identity) => ({
    publicKey: toHex(identity.publicKey),
    jobs: toHex(identity.jobs),
    artifacts: toHex(identity.artifacts),
    attestations: toHex(identity.attestations),
  }));
  return found.filter((identity, i) => JSON.stringify(identity) !== JSON.stringify(found[i - 1]));
}
