import type {
  Duty,
  Hex,
  TrustCut,
  TrustEntry,
  TrustEvent,
  TrustOptions,
  TrustView,
} from './types.ts';

/**
 * The fold. Deterministic: the same cuts with the same entries give the same digest, in whatever
 * order the entries of a cut are handed in.
 */
export class TrustFold {
  constructor(_options: TrustOptions) {}

  /** Epoch of the newest cut; null before the first. */
  get epoch(): number | null {
    return null;
  }

  /**
   * Takes the next cut with every block that it covers.
   * @returns what follows from it
   * @throws {NexusError} `TRUST_WRONG_CUT` if it is not the next one, `TRUST_ENTRIES` if blocks of it
   * are missing; nothing has changed then
   */
  takeCut(_cut: TrustCut, _entries: readonly TrustEntry[]): Promise<TrustEvent[]> {
    throw new Error('not yet');
  }

  /** Duties of an auditor that are not over: what it is to do next. */
  owedBy(_auditor: Hex): Duty[] {
    return [];
  }

  /** Requested duties that wait for an `open` which this identity can write: it asked or answered. */
  toOpen(_identity: Hex): Duty[] {
    return [];
  }

  /** A subject's duties, first those drawn first; empty where it is not known or forgotten. */
  dutiesOf(_subject: Hex): readonly Duty[] {
    return [];
  }

  view(): TrustView {
    throw new Error('not yet');
  }
}
