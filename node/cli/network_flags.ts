import { NETWORK_FLAGS } from './context.ts';

/** Flags of `nexus network`. */
export const FLAGS = {
  network: NETWORK_FLAGS.network,
  bootstrap: NETWORK_FLAGS.bootstrap,
  as: { type: 'string', value: 'name', help: 'name that an added network is to have here' },
  machine: { type: 'string', value: 'name', help: 'how this machine is called among the members' },
  witness: {
    type: 'list',
    value: 'key[:weight]',
    help: 'who certifies the cuts of a new network; `self`: this machine',
  },
  preset: {
    type: 'string',
    value: 'name',
    choices: ['dev', 'open'],
    help: 'give a new network a ledger: `dev`: everybody is given NCU; `open`: only who is named',
  },
  grant: { type: 'list', value: 'key:NCU', help: 'a first balance; `self:100`: of this machine' },
  coefficient: {
    type: 'list',
    value: 'model=prompt/output',
    help: 'what tokens of a model cost, micro-NCU each; others than the usual models earn nothing',
  },
  rule: {
    type: 'list',
    value: 'name=value',
    help: 'a rule of a new network that is to differ, of audits or of the ledger',
  },
  prove: {
    type: 'string',
    value: 'sample[:share%[/cuts]]',
    help:
      'have executors prove the sampling of a share of their answers (5 %), within some cuts (8)',
  },
  keys: {
    type: 'string',
    value: 'folder',
    help:
      'with new: pin the keys in it (docs/ceremony.md), for other statements those that come with this program',
  },
  ceremony: {
    type: 'boolean',
    help:
      'with --keys: say in the file that several parties made them, so that proofs count as secure',
  },
  open: { type: 'boolean', help: 'make the new network open to whoever has its file' },
} as const;
