import type { Column } from '../draw/mod.ts';
import { short } from '../state/mod.ts';
import type { Context } from './types.ts';

/** A row about somebody. */
interface Who {
  key: string;
  name: string | null;
  /** This very node. */
  self: boolean;
}

/** The columns that say who a row is about. @param priority of the name: what gives way first */
export function whoColumns<R extends Who>(priority: number, width = 11): Column<R, Context>[] {
  return [
    { id: 'key', title: 'KEY', width: 8, priority: 0, cell: (r) => short(r.key), by: (r) => r.key },
    {
      id: 'name',
      title: 'NAME',
      width,
      grow: 28,
      priority,
      cell: (r) => (r.self ? { text: 'this node', tone: 'bold' } : r.name ?? ''),
      by: (r) => (r.self ? '' : r.name === null ? null : r.name.toLowerCase()),
    },
  ];
}
