import t from 'tap';
import { NexusNode } from '../../node/daemon/node.ts';
import type { NodeOptions } from '../../node/daemon/options.ts';
import { replayLedgerOf } from '../../node/daemon/ledger_replay.ts';
import { MAIN, networkId } from '../../node/network/mod.ts';
import { auditLedger, auditProofs } from '../../node/record/mod.ts';
import { defaultLedgerRules } from '../../node/network/ledger.ts';

const file = {
  ...MAIN,
  ledger: { rules: defaultLedgerRules(), genesis: [], coefficients: [] },
  circuits: { share: 500, withinCuts: 8, keys: { sample: '00'.repeat(32) } },
};
const network = { name: 'other', id: networkId(file), file, keyFolder: '/nowhere' };
const { signal } = new AbortController();
const refused = { code: 'KEY_UNKNOWN', hint: /nexus network keys/ };

t.test('a node without the key that its network pins does not start', async (t) => {
  const options = { network, roles: new Set(), mesh: true, announce: true };
  await t.rejects(NexusNode.start(options as unknown as NodeOptions), refused);
});

t.test('nor is the ledger computed anew without it: no log is even opened', async (t) => {
  const never = () => Promise.reject(new Error('it was not to be read'));
  const source = { states: never, read: never } as unknown as Parameters<typeof auditLedger>[0];
  await t.rejects(auditLedger(source, network, signal).next(), refused);
  const nobody = { me: null, payloads: null, found: new Map() };
  await t.rejects(auditProofs(source, network, nobody, signal), refused);
  const logs = new Proxy({}, { get: never }) as Parameters<typeof replayLedgerOf>[0];
  await t.rejects(replayLedgerOf(logs, network, signal).next(), refused);
});
