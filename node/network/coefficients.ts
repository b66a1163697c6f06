import { ncuCoefficients } from '../../fingerprint/ncu/mod.ts';
import type { Coefficients } from '../../feeds/ledger/mod.ts';
import { type Profile, profileId } from '../../feeds/records/mod.ts';

/** What a model's coefficients follow from: an entry of the model table has it. */
export interface Rated {
  profile: Profile;
  /** Number of weights; 0 where only the profile is known. */
  parameters: number;
  kvBytesPerToken: number | null;
}

/** What tokens of a model cost by the usual method: see docs/energy.md. */
export function coefficientsOf({ profile, parameters, kvBytesPerToken }: Rated): Coefficients {
  const figures = { bytes: profile.size, parameters, kvBytesPerToken };
  return { profile: profileId(profile), ...ncuCoefficients(figures, profile.contextSize) };
}
