/** A command as the overview lists it; its module is loaded only when it is called. */
export interface CommandEntry {
  /** Also the name of its module in `commands/`. */
  name: string;
  summary: string;
  /** Those of the last one, `more`, share a line: what is rarely typed. */
  group: string;
}

/** All commands, in the order of the overview. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'run', summary: 'answer a prompt', group: 'prompts' },
  { name: 'chat', summary: 'talk, one turn after the other', group: 'prompts' },
  { name: 'models', summary: 'list, fetch, add and remove models', group: 'prompts' },
  { name: 'up', summary: 'run the node of this machine', group: 'mesh' },
  { name: 'tui', summary: 'a live dashboard of the running node', group: 'mesh' },
  { name: 'peers', summary: 'who is connected, and what they serve', group: 'mesh' },
  { name: 'demo', summary: 'watch a small mesh work on this machine', group: 'mesh' },
  { name: 'balance', summary: 'the NCU of this node: to spend, earned, bonded', group: 'money' },
  { name: 'ledger', summary: 'balances, prices and slashes of the network', group: 'money' },
  { name: 'network', summary: 'make, list, show and choose networks', group: 'networks' },
  { name: 'invite', summary: 'let another machine into a private network', group: 'networks' },
  { name: 'join', summary: 'enter a private network with an invite', group: 'networks' },
  { name: 'jobs', summary: 'prompts of this machine, and what audits found', group: 'checks' },
  { name: 'audit', summary: 'replay logs and tell every inconsistency', group: 'checks' },
  { name: 'verify', summary: 'check a receipt, evidence or a proof offline', group: 'checks' },
  { name: 'doctor', summary: 'find out what does not work, and what mends it', group: 'checks' },
  { name: 'init', summary: 'set up this machine, step by step', group: 'settings' },
  { name: 'config', summary: 'settings, and where each comes from', group: 'settings' },
  { name: 'fingerprint', summary: 'what this machine can do, or a peer', group: 'more' },
  { name: 'energy', summary: 'what answers of this machine cost in energy', group: 'more' },
  { name: 'keys', summary: 'API keys of the gateway', group: 'more' },
  { name: 'id', summary: 'the key of this node', group: 'more' },
  { name: 'dht', summary: 'run a bootstrap node for a mesh of your own', group: 'more' },
  { name: 'members', summary: 'the machines of a private network', group: 'more' },
  { name: 'bond', summary: 'let NCU answer for the work of this node', group: 'more' },
  { name: 'unbond', summary: 'ask NCU of the bond back', group: 'more' },
  { name: 'leave', summary: 'forget a private network', group: 'more' },
  { name: 'evidence', summary: 'what audits found, as a file that proves it', group: 'more' },
  { name: 'prove', summary: 'show something of the ledger, and nothing else of it', group: 'more' },
  { name: 'calibrate', summary: 'measure how honest answers deviate', group: 'more' },
];
