import { defineCommand } from '../spec.ts';
import { proveSample } from '../prove_sample.ts';
import { proveOwnStanding } from '../prove_standing.ts';
import { proveOwnTotal } from '../prove_total.ts';

/** `nexus prove` */
export const command = defineCommand({
  name: 'prove',
  summary: 'show something of the ledger, and nothing else of it',
  description:
    'Makes a zero-knowledge proof and writes it to a file, which nexus verify checks anywhere. ' +
    '`standing` shows that this node’s account has at least so much reputation and bond, not which ' +
    'account it is; `total` what it was paid in an epoch, and no receipt. `sample` shows that the ' +
    'tokens of an answer were drawn as the sampler says, and not the logits: the network has it made ' +
    'by itself, where its file says so. The keys that come with ' +
    'the program are for development: docs/ceremony.md says how a network makes its own.',
  flags: {
    reputation: { type: 'string', value: 'part', help: 'for standing: at least that, such as 0.6' },
    bond: { type: 'string', value: 'NCU', help: 'for standing: at least that bonded' },
    challenge: {
      type: 'string',
      value: 'hex',
      help: 'for standing: 64 digits that the verifier drew',
    },
    for: {
      type: 'string',
      value: 'address',
      help: 'for standing: prove what that gateway asks for, and get a key of it: http://host:port',
    },
    epoch: { type: 'integer', value: 'cut', help: 'for total: the epoch of that cut' },
    out: {
      type: 'string',
      short: 'o',
      value: 'file',
      help: 'where to write it; without: cut-N.standing, epoch-N.total, the receipt itself',
    },
  },
  actions: [
    { name: 'standing', summary: 'at least so much reputation and bond' },
    { name: 'total', summary: 'what this node was paid in an epoch' },
    {
      name: 'sample',
      summary: 'how the tokens of an answer were drawn: an own one, or a receipt’s',
      positionals: [{ name: 'job|receipt', required: true, help: 'a job’s id, or a file' }],
    },
  ],
  examples: [
    {
      command: 'nexus prove standing --bond 10 --challenge $CHALLENGE -o mine.standing',
      does: 'that 10 NCU are bonded, or more',
    },
    {
      command: 'nexus prove standing --for http://127.0.0.1:8040',
      does: 'get a key of a gateway without saying who one is',
    },
    { command: 'nexus prove total --epoch 120', does: 'what it was paid, to epoch-120.total' },
    {
      command: 'nexus prove sample 5d93e2f04a1b',
      does: 'log the proof of an answer that this node gave',
    },
    {
      command: 'nexus prove sample hi.receipt',
      does: 'put the proof that its executor logged into a receipt',
    },
    { command: 'nexus verify mine.standing', does: 'check it' },
  ],
  async run({ action, flags, positionals, out, signal }) {
    if (action === 'sample') return await proveSample(positionals[0]!, flags, out, signal);
    if (action === 'total') return await proveOwnTotal(flags, out, signal);
    return await proveOwnStanding(flags, out, signal);
  },
});
