/**
 * Two nodes of this machine on loopback: one measures itself at its start, the other one measures it by
 * jobs over the mesh. What that takes of it, and how well the figures repeat.
 */
import { streamCall } from '../node/control/mod.ts';
import { pathsOf } from '../node/home/mod.ts';
import { defaultRules, PRESETS } from '../node/network/mod.ts';
import { PROBE_POLICY, shareOf } from '../node/prober/mod.ts';
import { variation } from '../fingerprint/stats/mod.ts';
import { printTable } from './fingerprint_lib.ts';
import { type Figure, median, spread } from './lib.ts';
import type { BenchModel } from './model.ts';
import { type Event, type Node, World } from './world.ts';

/** Nodes are waited for so long, milliseconds. */
const READY_MS = 120_000;

/** @param rounds measurements of the same node */
export async function fingerprintNode(model: BenchModel, rounds: number): Promise<Figure[]> {
  await using world = await World.open(model);
  const measured = await world.executor(undefined, ['--fingerprint', 'on']);
  const challenger = await world.executor();
  const own = await eventOf(measured, 'figures');
  await met(challenger, measured.key);
  const found: Event[] = [];
  for (let i = 0; i < rounds; i++) found.push(await measure(challenger, measured.key));
  const counted = found.filter(({ runs }) => runs > 0);
  const rates = (name: 'prefill' | 'decode') => counted.map((one) => one[name].median / 1000);
  const tookS = median(counted.map(({ tookMs }) => tookMs / 1000));
  const rows = [
    ['figure', 'median [10 % .. 90 %]', 'CV', 'what it says of itself'],
    ...(['prefill', 'decode'] as const).map((name) => [
      `${name}, tokens/s`,
      spread(rates(name), 0),
      `${(100 * variation(rates(name))).toFixed(1)} %`,
      own[name].toFixed(0),
    ]),
    ['work of the measured node, s', spread(counted.map(({ tookMs }) => tookMs / 1000), 1), '', ''],
    ['verified runs', spread(counted.map(({ runs }) => runs), 0), '', ''],
    ['jobs not verified', String(found.reduce((sum, { failed }) => sum + failed, 0)), '', ''],
  ];
  printTable(`${model.name}: one node measured by another, ${rounds} times`, rows);
  return [
    {
      name: `a node measures itself at its start, ${model.name}`,
      measured: `${(own.ms / 1000).toFixed(1)} s`,
      goal: '<= 10 s',
      met: own.ms <= PROBE_POLICY.quickMs,
    },
    ...costs(tookS),
  ];
}

/** Share of a node's time at the schedules of the presets. */
function costs(tookS: number): Figure[] {
  return Object.entries(PRESETS).map(([name, { audit, prints }]) => {
    const rules = { ...defaultRules(), ...audit, ...prints };
    const share = shareOf({
      epochMs: rules.epochMs,
      everyCuts: rules.printEveryCuts,
      challengers: rules.printChallengers,
      profiles: 1,
      challengeMs: 1000 * tookS,
    });
    return {
      name: `time that being measured takes of a node, preset ${name}`,
      measured: `${(100 * share).toFixed(2)} % (${tookS.toFixed(1)} s a challenge)`,
      goal: '<= 1 %',
      met: share <= PROBE_POLICY.share,
    };
  });
}

async function measure(challenger: Node, key: string): Promise<Event> {
  const { socket } = pathsOf(challenger.home);
  const params = { peer: key, model: null, other: null, full: true };
  for await (const event of streamCall(socket, 'fingerprint', params)) {
    if ((event as Event).event === 'measured') return event as Event;
  }
  throw new Error('a measurement gave nothing');
}

/** The first event of that name, of now or of before. */
async function eventOf(node: Node, name: string): Promise<Event> {
  const { socket } = pathsOf(node.home);
  for await (const event of streamCall(socket, 'watch', {}, AbortSignal.timeout(READY_MS))) {
    const one = event as Event;
    if (one.event === name) return one;
    const before = one.event === 'snapshot' &&
      (one.history as Event[]).find(({ event }) => event === name);
    if (before) return before;
  }
  throw new Error(`no ${name}`);
}

/** Resolves when it serves what the other one has loaded. */
async function met(node: Node, key: string): Promise<void> {
  const { socket } = pathsOf(node.home);
  for await (const event of streamCall(socket, 'watch', {}, AbortSignal.timeout(READY_MS))) {
    const { peers } = event as Event;
    const fits = (peer: Event) => peer.key === key && peer.models.length > 0;
    if (Array.isArray(peers) && peers.some(fits)) return;
  }
}
