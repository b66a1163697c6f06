import { equalBytes, toHex } from '../base/mod.ts';
import type { CapabilityRecord } from '../records/mod.ts';
import type { Hex } from '../trust/mod.ts';
import { mulPpm, quotient } from './cost.ts';
import type { MicroNcu, Ppm, Price } from './types.ts';
import type { LedgerWorld } from './world.ts';

const ALL = 1_000_000;

interface Profile {
  id: Hex;
  prompt: MicroNcu;
  output: MicroNcu;
  level: Ppm;
  utilisation: Ppm;
  /** Milliseconds that executors say they worked for what was paid in this epoch. */
  work: Map<Hex, number>;
}

/** What the market keeps from cut to cut. Plain data. */
export interface MarketState {
  levels: { profile: Hex; level: Ppm; utilisation: Ppm }[];
  slots: { executor: Hex; slots: number; profiles: Hex[] }[];
}

/** The market prices: each follows how much of what is for sale was used. */
export class Market {
  readonly #profiles = new Map<Hex, Profile>();
  /** What executors offer, as their newest entries say; only profiles of the table. */
  readonly #offers = new Map<Hex, { slots: number; profiles: Hex[] }>();

  #newest: { bytes: Uint8Array; found: Profile } | null = null;

  constructor({ terms }: LedgerWorld, state?: MarketState) {
    for (const { profile, prompt, output } of terms.coefficients) {
      const id = toHex(profile);
      const work = new Map<Hex, number>();
      this.#profiles.set(id, { id, prompt, output, level: ALL, utilisation: 0, work });
    }
    for (const { profile, level, utilisation } of state?.levels ?? []) {
      Object.assign(this.#profiles.get(profile)!, { level, utilisation });
    }
    for (const { executor, slots, profiles } of state?.slots ?? []) {
      this.#offers.set(executor, { slots, profiles });
    }
  }

  /** A profile by its bytes: those of one cut are few. */
  of(profile: Uint8Array): Readonly<Profile> | undefined {
    if (this.#newest === null || !equalBytes(this.#newest.bytes, profile)) {
      const found = this.#profiles.get(toHex(profile));
      if (found === undefined) return undefined;
      this.#newest = { bytes: profile.slice(), found };
    }
    return this.#newest.found;
  }

  /** The profile's coefficients; undefined: it earns nothing. */
  get(profile: Hex): Pick<Profile, 'prompt' | 'output' | 'level'> | undefined {
    return this.#profiles.get(profile);
  }

  price(profile: Hex): Price | null {
    const found = this.#profiles.get(profile);
    return found === undefined ? null : priceOf(found);
  }

  /** By profile. */
  prices(): Price[] {
    return [...this.#profiles.values()].map(priceOf).sort((a, b) => a.profile < b.profile ? -1 : 1);
  }

  /** Most that may be asked for an output token. */
  ceiling({ output, level }: Pick<Profile, 'output' | 'level'>, askBand: Ppm): MicroNcu {
    return mulPpm(priceAt(output, level), ALL + askBand);
  }

  offer(executor: Hex, { offerings, slots }: CapabilityRecord): void {
    const profiles = offerings.map(({ profile }) => toHex(profile))
      .filter((id) => this.#profiles.has(id));
    if (profiles.length === 0) this.#offers.delete(executor);
    else this.#offers.set(executor, { slots, profiles });
  }

  worked(executor: Hex, profile: Hex, ms: number): void {
    const work = this.#profiles.get(profile)?.work;
    // Whoever claims more than its slots can do is held to them when the epoch ends.
    work?.set(executor, Math.min(2 ** 40, (work.get(executor) ?? 0) + ms));
  }

  /** Ends an epoch: every price moves by what was used of what was for sale. */
  conclude(world: LedgerWorld, epochMs: number): void {
    const forSale = new Map<Hex, number>();
    for (const { slots, profiles } of this.#offers.values()) {
      for (const id of new Set(profiles)) forSale.set(id, (forSale.get(id) ?? 0) + slots);
    }
    for (const profile of this.#profiles.values()) {
      const time = epochMs * (forSale.get(profile.id) ?? 0);
      let used = 0;
      for (const [executor, ms] of profile.work) {
        used += Math.min(ms, epochMs * (this.#offers.get(executor)?.slots ?? 0));
      }
      profile.work.clear();
      if (time === 0) continue;
      profile.utilisation = Math.min(ALL, Number(BigInt(used) * BigInt(ALL) / BigInt(time)));
      const before = profile.level;
      profile.level = moved(before, profile.utilisation, world.rules);
      if (profile.level !== before) world.emit({ type: 'price', price: priceOf(profile) });
    }
  }

  state(): MarketState {
    return {
      levels: this.prices().map(({ profile, level, utilisation }) => ({
        profile,
        level,
        utilisation,
      })),
      slots: [...this.#offers].map(([executor, offer]) => ({ executor, ...offer }))
        .sort((a, b) => a.executor < b.executor ? -1 : 1),
    };
  }
}

/** The next level: outside the band it moves by its distance from it, `priceStep` at the very ends. */
function moved(level: Ppm, utilisation: Ppm, rules: LedgerWorld['rules']): Ppm {
  const { utilLow, utilHigh, priceStep, priceLeast, priceMost } = rules;
  let change = 0;
  if (utilisation > utilHigh) {
    change = mulPpm(priceStep, quotient((utilisation - utilHigh) * ALL, ALL - utilHigh));
  } else if (utilisation < utilLow) {
    change = -mulPpm(priceStep, quotient((utilLow - utilisation) * ALL, utilLow));
  }
  return Math.min(priceMost, Math.max(priceLeast, mulPpm(level, ALL + change)));
}

/**
 * An output token's market price. Where there is one it does not fall to nothing: what costs nothing is
 * never paid, so that it would show no demand, and cost nothing for ever.
 */
export function priceAt(output: MicroNcu, level: Ppm): MicroNcu {
  return Math.max(Math.min(1, output), mulPpm(output, level));
}

function priceOf({ id, prompt, output, level, utilisation }: Profile): Price {
  return {
    profile: id,
    prompt: mulPpm(prompt, level),
    output: priceAt(output, level),
    level,
    utilisation,
  };
}
