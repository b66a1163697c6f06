import type { Load, Peer, State } from '../state/mod.ts';

/** A peer, or this node itself. */
export type Row = Peer & { self: boolean };

/** This node as a row, the load of its models summed up. */
export function selfRow({ status }: State): Row {
  const { key, models, draining, startedAt } = status!;
  const load = models.reduce<Load | null>(
    (sum, m) => ({
      active: m.load.active + (sum?.active ?? 0),
      queued: m.load.queued + (sum?.queued ?? 0),
      slots: m.load.slots + (sum?.slots ?? 0),
    }),
    null,
  );
  return {
    self: true,
    key,
    name: null,
    rttMs: null,
    transport: 'here',
    hardware: null,
    fresh: true,
    load,
    draining,
    models: models.map(({ name, profile, price }) => ({ name, profile, price, warm: true })),
    tokensPerSecond: null,
    firstTokenMs: null,
    failures: 0,
    distrusted: null,
    connectedAt: startedAt,
    seenAt: 0,
  };
}

/** How it is, in a word. */
export function condition(row: Row) {
  if (row.distrusted !== null) return { text: 'avoided', tone: 'bad' as const };
  if (row.draining) return { text: 'drains', tone: 'warn' as const };
  if (!row.fresh) return { text: 'silent', tone: 'warn' as const };
  if (row.failures >= 0.5) return { text: 'fails', tone: 'bad' as const };
  const { load } = row;
  if (load !== null && load.slots > 0 && load.active >= load.slots) {
    return { text: 'busy', tone: 'warn' as const };
  }
  return { text: 'ok', tone: 'good' as const };
}

/** Active of all slots, and what waits. */
export function loadText(load: Load | null): string {
  if (load === null) return '-';
  return `${load.active}/${load.slots}${load.queued > 0 ? `+${load.queued}` : ''}`;
}

/** The lowest price of what it serves, micro-NCU a token. */
export function price(row: Row): number | null {
  return row.models.length === 0 ? null : Math.min(...row.models.map((m) => m.price));
}
