import { type Cell, rate, type Tone } from '../draw/mod.ts';
import { type Fingerprint, type Interval, joules } from '../state/mod.ts';

/** A node with one of its models. */
export type Machine = Fingerprint & { self: boolean };

/** What its figures are worth, in a word, with a mark that needs no colour. */
export function credit(
  { claimed, attested, contradicted, measured }: Fingerprint,
): { text: string; tone: Tone } {
  if (contradicted !== null) return { text: '! refuted', tone: 'bad' };
  // What one alone found is its word.
  if (attested?.by.length === 1) return { text: '~ by one', tone: 'plain' };
  if (attested !== null) return { text: '✓ attested', tone: 'good' };
  if (measured !== null) return { text: '~ measured', tone: 'plain' };
  return claimed === null ? { text: '-', tone: 'dim' } : { text: '? claimed', tone: 'warn' };
}

/** An upper bound from here on is none: entries have 32 bits, of rates in thousandths. */
export const UNBOUNDED = Math.floor(0xffff_ffff / 1000);

/** From so much to so much. */
export function attestedText(interval: Interval | null): Cell {
  if (interval === null) return { text: '-', tone: 'dim' };
  const { low, high } = interval;
  return high >= UNBOUNDED ? `${rate(low)}+` : `${rate(low)}-${rate(high)}`;
}

/** Names of sources that fit beside a figure. */
const SHORT = { nvml: 'nvml', rapl: 'rapl', estimate: 'est' } as const;

/** Energy of an output token, and what says so. An estimate is marked. */
export function energyText({ energy }: Fingerprint): Cell {
  if (energy === null || energy.outputToken === null) return { text: '-', tone: 'dim' };
  const text = `${joules(energy.outputToken)} ${SHORT[energy.source]}`;
  return { text, tone: energy.source === 'estimate' ? 'dim' : 'plain' };
}

/** How fast it was found to decode over time. */
export function decodes({ history }: Fingerprint): number[] {
  return history.flatMap(({ source, decode }) => source === 'claim' ? [] : decode ?? []);
}
