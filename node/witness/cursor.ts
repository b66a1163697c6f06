import { Gaps } from './gaps.ts';

/** How far the witnesses' logs are read, by core (hexadecimal): whose, and the next block. */
export type Positions = ReadonlyMap<string, { witness: string; at: number }>;

/** One witness's log while it is read. */
export interface Cursor {
  core: Uint8Array;
  witness: string;
  /** The next block to be taken, and blocks from there on. */
  at: number;
  blocks: (Uint8Array | null)[];
  /** When the next block was missed first; null: it is here. */
  missing: number | null;
  gaps: Gaps;
  /** How far it was looked through beyond that, for which epoch, and since when a block is missing there. */
  ahead: { epoch: number; at: number; missing: number | null };
}

export function cursorOf(core: Uint8Array, witness: string, at: number): Cursor {
  const ahead = { epoch: -1, at: 0, missing: null };
  return { core, witness, at, blocks: [], missing: null, gaps: new Gaps(), ahead };
}
