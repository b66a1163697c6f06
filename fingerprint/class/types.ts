import type { Figure, Interval, MachineClass } from '../../feeds/fingerprints/mod.ts';

export type { Contradicted, Figure, Interval, MachineClass } from '../../feeds/fingerprints/mod.ts';

/** How two classes of one machine differ. */
export interface ClassChange {
  /** Figures whose intervals lie apart by more than the tolerance. */
  figures: readonly Figure[];
  from: MachineClass;
  to: MachineClass;
}

/** How a claim stands to what was measured. */
export interface ClaimCheck {
  figure: Figure;
  claimed: number;
  measured: Interval | null;
  /** `contradicted`: more than the tolerance above. `below`: as much below; nobody is blamed for that. */
  stands: 'within' | 'contradicted' | 'below' | 'unmeasured';
}
