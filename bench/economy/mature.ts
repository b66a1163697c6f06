import type { Hex } from '../../feeds/trust/mod.ts';
import type { SimMesh } from './mesh.ts';

/**
 * Gives every node a past: so many clean audits that it is audited at that rate.
 * A history of that length would be millions of jobs.
 * @param rate chance of an audit, 0 to 1
 * @param ramp the network's `auditRamp`
 */
export function mature(mesh: SimMesh, keys: readonly Hex[], rate: number, ramp: number): void {
  const clean = Math.ceil(ramp / rate);
  const state = mesh.fold.state();
  const known = new Map(state.trust.executors.map((one) => [one.record.key, one]));
  for (const key of keys) {
    const one = known.get(key) ?? {
      record: {
        key,
        subjects: 0,
        audited: 0,
        clean: 0,
        suspect: 0,
        withheld: 0,
        planted: 0,
        cheats: [],
      },
      history: [],
      lanes: new Map(),
      groups: [],
      seen: new Set<string>(),
    };
    one.record.clean = clean;
    if (!known.has(key)) state.trust.executors.push(one);
  }
  const wanted = new Set(keys);
  for (const member of state.ledger!.members) {
    if (wanted.has(member.account.key)) member.clean = clean;
  }
  mesh.restore(state);
}
