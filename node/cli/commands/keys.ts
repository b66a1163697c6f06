import { randomBytes } from 'node:crypto';
import { ncuText, NexusError, parseNcu } from '../../../feeds/base/mod.ts';
import { makeFolder, pathsOf } from '../../home/mod.ts';
import {
  changeKeys,
  limitsOf,
  newKey,
  readKeys,
  readUsage,
  withKey,
  withoutKey,
} from '../../keys/mod.ts';
import { table } from '../columns.ts';
import { defineCommand } from '../spec.ts';

type Key = Awaited<ReturnType<typeof readKeys>>[number];

const FLAG_NAMES = {
  requestsPerMinute: '--requests-per-minute',
  tokensPerMinute: '--tokens-per-minute',
  concurrent: '--concurrent',
  ncuPerDay: '--ncu-per-day',
};

/** `nexus keys` */
export const command = defineCommand({
  name: 'keys',
  summary: 'API keys of the gateway',
  description:
    'Who asks the gateway from another machine needs a key, sent as `Authorization: Bearer …`. ' +
    'Only a hash of it is kept. A running node knows of new and removed keys at once.',
  flags: {
    'requests-per-minute': { type: 'integer', value: 'count', help: 'for add: requests a minute' },
    'tokens-per-minute': {
      type: 'integer',
      value: 'count',
      help: 'for add: tokens of prompts and answers a minute',
    },
    concurrent: { type: 'integer', value: 'count', help: 'for add: answers at once' },
    'ncu-per-day': {
      type: 'string',
      value: 'NCU',
      help: 'for add: what its answers may cost a day, by UTC, in networks with money',
    },
  },
  actions: [
    { name: 'list', summary: 'all keys, without their secrets' },
    {
      name: 'add',
      summary: 'make a key; its secret is shown this once',
      positionals: [{ name: 'name', required: true, help: 'who or what it is for' }],
    },
    {
      name: 'rm',
      summary: 'remove a key: it is refused from now on',
      positionals: [{ name: 'id|name', required: true, help: 'as nexus keys lists it' }],
    },
  ],
  examples: [
    { command: 'nexus keys add laptop', does: 'a key without limits' },
    {
      command: 'nexus keys add guest --requests-per-minute 10 --tokens-per-minute 5000',
      does: 'a key with limits',
    },
    { command: 'nexus keys add shop --ncu-per-day 2.5', does: 'one that may spend so much' },
    { command: 'nexus keys rm laptop', does: 'refuse it from now on' },
  ],
  async run({ flags, action, positionals, out }) {
    const { home, keys: path, usage } = pathsOf(flags.home);
    const word = positionals[0] ?? '';
    if (action === 'add') {
      const limits = limitsOf({
        requestsPerMinute: flags['requests-per-minute'],
        tokensPerMinute: flags['tokens-per-minute'],
        concurrent: flags.concurrent,
        ncuPerDay: amountOf(flags['ncu-per-day']),
      }, FLAG_NAMES);
      await makeFolder(home);
      const { key, secret } = newKey({ name: word, limits }, randomBytes(36), Date.now());
      await changeKeys(path, (keys) => withKey(keys, key));
      await out.event({ event: 'key', ...eventOf(key), secret });
      await out.note(`${key.name} (${key.id}) has a key. It is shown this once:`);
      return await out.result(secret);
    }
    if (action === 'rm') {
      let removed: Key | undefined;
      const { length: left } = await changeKeys(path, (keys) => {
        const without = withoutKey(keys, word);
        removed = without.removed;
        return without.keys;
      });
      await out.event({ event: 'removed', id: removed!.id, name: removed!.name });
      await out.note(`${removed!.name} (${removed!.id}) is refused from now on`);
      if (left > 0) return;
      return await out.note('No key is left: programs of this machine need none now.');
    }
    const keys = await readKeys(path);
    const spent = await readUsage(usage);
    const isToday = spent?.day === Math.floor(Date.now() / 86_400_000);
    const today = (id: string) => isToday ? spent.used[id] ?? 0 : 0;
    for (const key of keys) {
      await out.event({ event: 'key', ...eventOf(key), ncuToday: today(key.id) });
    }
    if (keys.length === 0) {
      return await out.note('there are no keys; make one: nexus keys add <name>');
    }
    const rows = keys.map(({ id, name, created, expires, limits }) => [
      id,
      name,
      new Date(created).toISOString().slice(0, 10),
      limitText(limits.requestsPerMinute),
      limitText(limits.tokensPerMinute),
      limitText(limits.concurrent),
      limits.ncuPerDay === null ? '-' : ncuText(limits.ncuPerDay),
      ncuText(today(id)),
      expires === null ? '-' : new Date(expires).toISOString().slice(0, 16),
    ]);
    const head = [
      'ID',
      'NAME',
      'MADE',
      'REQUESTS/MIN',
      'TOKENS/MIN',
      'AT ONCE',
      'NCU/DAY',
      'TODAY',
      'EXPIRES',
    ];
    await out.result(table([head, ...rows], out.columns, ['MADE', 'AT ONCE', 'EXPIRES']));
  },
});

function eventOf({ id, name, created, expires, limits }: Key): Record<string, unknown> {
  return { id, name, created, expires, ...limits };
}

/** An amount of a flag; undefined where it was not given. */
function amountOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const amount = parseNcu(text);
  if (amount !== null) return amount;
  throw new NexusError(
    'USAGE',
    `--ncu-per-day must be an amount of NCU, not ${JSON.stringify(text)}`,
    {
      hint: 'with at most six decimals, e.g. --ncu-per-day 2.5',
    },
  );
}

function limitText(limit: number | null): string {
  return limit === null ? '-' : String(limit);
}
