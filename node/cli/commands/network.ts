import { toHex } from '../../../feeds/base/mod.ts';
import { changeConfig, type HomePaths, readJson } from '../../home/mod.ts';
import { NexusError } from '../../../feeds/base/mod.ts';
import {
  listNetworks,
  loadNetwork,
  machineName,
  MAIN,
  type Network,
  networkToJson,
  newOpenNetwork,
  newPrivateNetwork,
  parseNetwork,
  PRESETS,
  rulesFrom,
  saveNetwork,
  witnessesFrom,
} from '../../network/mod.ts';
import { table } from '../columns.ts';
import { type Context, openContext } from '../context.ts';
import { FLAGS } from '../network_flags.ts';
import { moneyLines, termsFrom } from '../new_ledger.ts';
import { proofLine, proofsFrom } from '../new_proofs.ts';
import { keepKey } from '../../proofs/mod.ts';
import { defineCommand, type Invocation } from '../spec.ts';

type Call = Invocation<typeof FLAGS>;

/** `nexus network` */
export const command = defineCommand({
  name: 'network',
  summary: 'make, list, show and choose networks',
  description:
    "A private network is made of machines that trust each other: yours, or a team's. Prompts\n" +
    'may run on any of them. `main` is open to everybody; there prompts stay on this machine\n' +
    'unless you say otherwise (nexus init).',
  flags: FLAGS,
  actions: [
    { name: 'list', summary: 'the networks that this machine knows' },
    {
      name: 'new',
      summary: 'make a network, private unless --open, and choose it',
      positionals: [{ name: 'name', required: true, help: 'a name, e.g. home' }],
    },
    {
      name: 'use',
      summary: 'choose a network for the commands to come',
      positionals: [{ name: 'name', required: true, help: 'one of nexus network list' }],
    },
    {
      name: 'add',
      summary: 'take in the file of an open network',
      positionals: [{ name: 'file', required: true, help: 'a network file' }],
    },
    {
      name: 'show',
      summary: 'the file of a network, with the reasons of its rules',
      positionals: [{ name: 'name', help: 'a name or a file; the chosen one if absent' }],
    },
    {
      name: 'keys',
      summary: 'the keys of its proofs: which are here; with a folder, take them in',
      positionals: [{ name: 'folder', help: 'with standing.zkey, or standing.vkey.json, …' }],
    },
  ],
  examples: [
    { command: 'nexus network new home', does: 'make a network of your own machines' },
    {
      command: 'nexus network new lab --witness self --witness <key>:2',
      does: 'one whose answers are audited: witnesses agree on what counts',
    },
    {
      command: 'nexus network new club --open --witness self --rule epochMs=10000',
      does: 'an open one, for whoever gets its file',
    },
    {
      command: 'nexus network new bazaar --open --witness self --preset open --grant self:1000',
      does: 'one with money: whoever answers earns it, whoever cheats loses it',
    },
    {
      command: 'nexus network new lab --preset dev --rule grant=5NCU',
      does: 'money for everybody, to try it out',
    },
    {
      command: 'nexus network new strict --witness self --prove sample:25%/20',
      does: 'executors prove how they drew the tokens of every fourth answer',
    },
    {
      command: 'nexus network keys ./club-keys',
      does: 'take in the keys that the chosen network made for itself',
    },
    { command: 'nexus network use main', does: 'go back to the open one' },
    { command: 'nexus network show main > main.json', does: 'keep its file' },
  ],
  async run(call) {
    const { network, bootstrap, home } = call.flags;
    const context = await openContext({ home, network, bootstrap });
    const [word = ''] = call.positionals;
    if (call.action === 'new') return await make(call, context, word);
    if (call.action === 'use') return await use(call, context, word);
    if (call.action === 'add') return await add(call, context, word);
    if (call.action === 'keys') return await keysOf(call, context, word);
    if (call.action === 'show') return await show(call, context, word);
    return await list(call, context);
  },
});

async function list({ out }: Call, { home, settings }: Context): Promise<void> {
  const rows = [['', 'NAME', 'KIND', 'MEMBERS', 'ID']];
  for (const name of await listNetworks(home.paths)) {
    const network = await loadNetwork(home.paths, name).catch((thrown: unknown) => {
      if (thrown instanceof NexusError) return thrown;
      throw thrown;
    });
    const current = name === settings.network.value;
    const mark = current ? '*' : '';
    if (network instanceof NexusError) {
      await out.event({ event: 'network', name, current, error: network.toJSON() });
      rows.push([mark, name, 'unreadable', '', network.message]);
      continue;
    }
    await out.event({ event: 'network', ...summary(network), current });
    const members = network.members?.members.length;
    rows.push([mark, name, network.file.kind, `${members ?? 'anybody'}`, toHex(network.id)]);
  }
  await out.result(table(rows));
}

async function make({ flags, out }: Call, context: Context, name: string): Promise<void> {
  const { home, settings, signer } = context;
  const { rules, ledger } = rulesFrom(flags.rule, flags.preset);
  // Money follows from cuts: where nobody else is to make them, this machine does.
  const isAlone = ledger !== null && flags.witness.length === 0;
  const witnesses = witnessesFrom(isAlone ? ['self'] : flags.witness, signer.publicKey);
  const proofs = await proofsFrom(flags, witnesses.length);
  const wish = { grants: flags.grant, coefficients: flags.coefficient };
  const choices = {
    name,
    bootstrap: settings.bootstrap.origin === 'default' ? null : settings.bootstrap.value,
    witnesses,
    rules,
    ledger: await termsFrom(ledger, wish, signer.publicKey, home.paths.home),
    circuits: proofs?.terms ?? null,
  };
  const network = flags.open
    ? await newOpenNetwork(home.paths, choices)
    : await newPrivateNetwork(home.paths, {
      ...choices,
      owner: signer.publicKey,
      sign: signer.sign,
      machine: flags.machine ?? machineName(),
    });
  for (const key of proofs?.own ?? []) await keepKey(network.keyFolder, key);
  await changeConfig(home.paths.config, { network: name });
  await out.event({ event: 'network', ...summary(network), current: true });
  const kind = flags.open ? 'open' : 'private';
  await out.note(`The ${kind} network ${out.style.bold(name)} is made, and chosen.`);
  if (flags.preset !== undefined) await out.note(`Its money: ${PRESETS[flags.preset].about}.`);
  for (const line of await moneyLines(choices.ledger)) await out.note(line);
  if (proofs !== null) await out.note(proofLine(proofs.terms));
  if (flags.preset === 'open' && choices.ledger?.genesis.length === 0) {
    await out.warn('nobody has NCU, so nobody can pay: name who has some, e.g. --grant self:1000');
  }
  if (isAlone) {
    await out.note('Nobody else was named to agree on what counts: this machine is its witness.');
  }
  const self = choices.witnesses.some(({ key }) => toHex(key) === toHex(signer.publicKey));
  const up = self ? 'nexus up --role executor,requester,witness' : 'nexus up';
  if (flags.open) {
    await out.note('Whoever has its file may enter it.\n');
    await out.note(`next: nexus network show ${name} > ${name}.json  its file, for others:`);
    await out.note(`      nexus network add ${name}.json           there, and then:`);
    await out.note(`      nexus network use ${name}`);
    return await out.note(`      ${up}`);
  }
  await out.note(
    'Prompts may now run on the machines that you let in, which can then read them.\n',
  );
  const width = Math.max(up.length, 'nexus invite'.length) + 2;
  await out.note(`next: ${up.padEnd(width)}let this machine answer, and let others in`);
  await out.note(`      ${'nexus invite'.padEnd(width)}get a token for another machine`);
}

async function use({ out }: Call, { home }: Context, name: string): Promise<void> {
  const network = await loadNetwork(home.paths, name);
  await choose(home.paths, network);
  await out.event({ event: 'network', ...summary(network), current: true });
  const where = network.secret === null
    ? home.config.where ?? 'local'
    : home.config.privateWhere ?? 'any';
  await out.note(`${out.style.bold(network.name)} is chosen; prompts run: ${where}`);
}

async function add({ flags, out }: Call, { home }: Context, path: string): Promise<void> {
  const json = await readJson(path);
  if (json === undefined) {
    throw new NexusError('NETWORK_UNKNOWN', `there is no file ${path}`, { hint: 'check its path' });
  }
  const { file, bootstrap } = parseNetwork(json);
  if (file.owner !== null) {
    throw new NexusError('NETWORK_PRIVATE', `${path} is the file of a private network`, {
      hint: 'its owner lets you in: nexus join <invite>',
    });
  }
  const stored = { file, bootstrap, secret: null, members: null };
  const network = await saveNetwork(home.paths, flags.as ?? file.name, stored);
  await out.event({ event: 'network', ...summary(network), current: false });
  await out.note(`${out.style.bold(network.name)} is known now: nexus network use ${network.name}`);
}

async function show({ out }: Call, { home, settings }: Context, name: string): Promise<void> {
  const network = await loadNetwork(home.paths, name || settings.network.value);
  const { file, bootstrap } = network;
  await out.event({
    event: 'network',
    ...summary(network),
    file: networkToJson({ file, bootstrap }),
  });
  await out.note(`id ${toHex(network.id)}`);
  for (const line of await moneyLines(file.ledger)) await out.note(line);
  await out.result(JSON.stringify(networkToJson({ file, bootstrap }), null, 2));
}

async function keysOf({ out }: Call, { home, settings }: Context, folder: string): Promise<void> {
  const network = await loadNetwork(home.paths, settings.network.value);
  // Few ask, and circuits take a while to load.
  const { importKeys, listKeys } = await import('../network_keys.ts');
  return folder === '' ? await listKeys(network, out) : await importKeys(network, folder, out);
}

async function choose(paths: HomePaths, network: Network): Promise<void> {
  // The open default needs no entry.
  const name = network.name === MAIN.name ? undefined : network.name;
  await changeConfig(paths.config, { network: name });
}

function summary(network: Network): Record<string, unknown> {
  return {
    name: network.name,
    id: toHex(network.id),
    kind: network.file.kind,
    owner: network.file.owner && toHex(network.file.owner),
    members: network.members?.members.length ?? null,
    witnesses: network.file.witnesses.length,
    ledger: network.file.ledger !== null,
  };
}
