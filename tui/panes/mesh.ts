import { counted } from '../../feeds/base/mod.ts';
import { age, clock, duration, labelled, type Line, line, rate, span } from '../draw/mod.ts';
import { short, type State } from '../state/mod.ts';
import { condition, loadText, price, type Row, selfRow } from './mesh_row.ts';
import type { Context, Pane } from './types.ts';
import { whoColumns } from './who.ts';

/** Who is there: this node and its peers, as they measure and as they claim to be. */
export const mesh: Pane<Row> = {
  id: 'mesh',
  title: 'Mesh',
  digit: '1',
  // Logs do not tell who was connected.
  present: ({ status, peers, link }) =>
    status !== null && (link.state !== 'recorded' || peers.size > 0),
  rows({ state }) {
    const rows: Row[] = [];
    if (state.status !== null) rows.push(selfRow(state));
    for (const peer of state.peers.values()) rows.push({ ...peer, self: false });
    return rows;
  },
  key: (row) => row.key,
  sort: 'name',
  search: (row) =>
    [row.key, row.name, row.transport, row.hardware, ...row.models.map(({ name }) => name)].join(
      ' ',
    ),
  subject: (row) => ({ copy: row.key, ...(row.self ? {} : { peer: row.key }) }),
  empty: 'nobody is connected yet',
  columns: [
    ...whoColumns(0, 12),
    {
      id: 'state',
      title: 'STATE',
      width: 7,
      priority: 3,
      cell: condition,
      by: (r) => condition(r).text,
    },
    {
      id: 'rtt',
      title: 'RTT',
      width: 7,
      align: 'right',
      priority: 1,
      cell: (r) => duration(r.rttMs),
      by: (r) => r.rttMs,
    },
    {
      id: 'by',
      title: 'BY',
      width: 11,
      priority: 4,
      cell: (r) => (r.transport === 'relayed' ? { text: r.transport, tone: 'warn' } : r.transport),
      by: (r) => r.transport,
    },
    {
      id: 'load',
      title: 'LOAD',
      width: 7,
      align: 'right',
      priority: 2,
      cell: (r) => loadText(r.load),
      by: (r) => (r.load === null ? null : (r.load.active + r.load.queued) / (r.load.slots || 1)),
      descending: true,
    },
    {
      id: 'rate',
      title: 'TOK/S',
      width: 6,
      align: 'right',
      priority: 2,
      cell: (r) => rate(r.tokensPerSecond),
      by: (r) => r.tokensPerSecond,
      descending: true,
    },
    {
      id: 'first',
      title: 'FIRST',
      width: 7,
      align: 'right',
      priority: 7,
      cell: (r) => duration(r.firstTokenMs),
      by: (r) => r.firstTokenMs,
    },
    {
      id: 'price',
      title: 'PRICE',
      width: 6,
      align: 'right',
      priority: 5,
      cell: (r) => String(price(r) ?? '-'),
      by: price,
    },
    {
      id: 'seen',
      title: 'SEEN',
      width: 5,
      align: 'right',
      priority: 6,
      cell: (r, { now }) => (r.self || r.seenAt === 0 ? '-' : age(now - r.seenAt)),
      by: (r) => r.seenAt,
      descending: true,
    },
    {
      id: 'serves',
      title: 'SERVES',
      width: 12,
      grow: 40,
      priority: 1,
      cell: (r) => r.models.map(({ name }) => name).join(' ') || '-',
      by: (r) => r.models[0]?.name ?? null,
    },
    {
      id: 'hardware',
      title: 'HARDWARE (claimed)',
      width: 18,
      grow: 60,
      priority: 8,
      cell: (r) => ({ text: r.hardware ?? '', tone: 'dim' }),
      by: (r) => r.hardware,
    },
  ],
  detail,
  below({ state }, _width, height, filter) {
    const said = state.happenings.filter(({ text }) => text.toLowerCase().includes(filter));
    if (said.length === 0 || height < 2) return [];
    return [
      line('what happened', 'bold'),
      ...said.slice(-(height - 1)).map(({ at, text, bad }) => [
        span(`${clock(at)} `, 'dim'),
        span(text, bad ? 'bad' : 'plain'),
      ]),
    ];
  },
};

function detail(row: Row, { state, now }: Context): Line[] {
  const seen = row.seenAt === 0 ? '-' : `${age(now - row.seenAt)} ago`;
  const facts: [string, string][] = [
    ['key', row.key],
    ['name', row.self ? 'this node' : row.name ?? '-'],
    ['state', condition(row).text],
    ['connected', `${age(now - row.connectedAt)} ago, ${row.transport}`],
    ['round trip', duration(row.rttMs)],
    ['last seen', seen],
    [
      'load',
      row.load === null ? '-' : `${row.load.active} active, ${row.load.queued} queued, ` +
        `${row.load.slots} slots`,
    ],
    [
      'measured',
      `${rate(row.tokensPerSecond)} tokens/s, first token ${duration(row.firstTokenMs)}`,
    ],
    ...(row.distrusted === null ? [] : [['avoided', row.distrusted] as [string, string]]),
    ['failures', `${row.failures.toFixed(2)} (1 is a fresh one)`],
    ['hardware', row.hardware === null ? '-' : `${row.hardware}  (its own claim, not measured)`],
  ];
  if (row.self) facts.push(...selfFacts(state));
  const logs = [...state.cores.values()].filter((core) => core.owner === row.key);
  return [
    ...labelled(facts),
    line(),
    line('serves', 'bold'),
    ...(row.models.length === 0 ? [line('nothing', 'dim')] : labelled(row.models.map((m) => [
      m.name,
      `${m.price} micro-NCU a token, ${m.warm ? 'in memory' : 'not loaded'}, profile ${
        short(m.profile)
      }`,
    ]))),
    line(),
    line('logs held here', 'bold'),
    ...(logs.length === 0 ? [line('none', 'dim')] : labelled(logs.map((core) => [
      core.log ?? '?',
      `${counted(core.length, 'entry', 'entries')}, lag ${core.lag}, fork ${core.fork}, core ${
        short(core.key)
      }`,
    ]))),
  ];
}

function selfFacts({ status }: State): [string, string][] {
  const { home, network, mesh, roles, pids, http, version } = status!;
  return [
    ['home', home],
    ['network', `${network.name} (${short(network.id)})`],
    ['mesh', mesh === null ? 'in none' : `${mesh.state} ${mesh.detail}`.trim()],
    ['roles', roles.join(', ')],
    ['processes', `node ${pids.node}, engine ${pids.engine ?? '-'}, feeds ${pids.feeds ?? '-'}`],
    ['gateway', http ?? '-'],
    ['version', version],
  ];
}
