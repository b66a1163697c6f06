import { defineCommand } from '../spec.ts';
import { proveOwnStanding } from '../prove_standing.ts';
import { proveOwnTotal } from '../prove_total.ts';

/** `nexus prove` */
export const command = defineCommand({
  name: 'prove',
  summary: 'show something of the ledger, and nothing else of it',
  description:
    'Makes a zero-knowledge proof and writes it to a file, which nexus verify checks anywhere. ' +
    '`standing` shows that this node’s account has at least so much reputation and bond, not which ' +
    'account it is; `total` what it was paid in an epoch, and no receipt. The keys that come with ' +
    'the program are for development: docs/ceremony.md says how a network makes its own.',
  flags: {
    reputation: { type: 'string', value: 'part', help: 'for standing: at least that, such as 0.6' },
    bond: { type: 'string', value: 'NCU', help: 'for standing: at least that bonded' },
    challenge: {
      type: 'string',
      value: 'hex',
      help: 'for standing: 64 digits that the verifier drew',
    },
    epoch: { type: 'integer', value: 'cut', help: 'for total: the epoch of that cut' },
    out: { type: 'string', short: 'o', value: 'file', help: 'where to write it' },
  },
  actions: [
    { name: 'standing', summary: 'at least so much reputation and bond' },
    { name: 'total', summary: 'what this node was paid in an epoch' },
  ],
  examples: [
    {
      command: 'nexus prove standing --bond 10 --challenge $CHALLENGE -o mine.standing',
      does: 'that 10 NCU are bonded, or more',
    },
    { command: 'nexus prove total --epoch 120', does: 'what it was paid, to epoch-120.total' },
    { command: 'nexus verify mine.standing', does: 'check it' },
  ],
  async run({ action, flags, out, signal }) {
    if (action === 'total') return await proveOwnTotal(flags, out, signal);
    return await proveOwnStanding(flags, out, signal);
  },
});
