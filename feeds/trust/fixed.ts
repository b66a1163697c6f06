/** Log e-values are whole numbers of this many parts of a nat. */
export const LOG_UNIT = 65_536;

/** Fixed point of the calculations here: 80 bits after the point. */
const BITS = 80n;
const ONE = 1n << BITS;
const LN2 = 837963523372001241319907n;
/** Bits between the two units. */
const TO_UNIT = BITS - 16n;
/** More than all that the roundings below can add up to. */
const SLACK = 1n << 20n;
/** Below e^-50 nothing is left. */
const GONE = 50 * LOG_UNIT;

/**
 * ln of the mean of `exp(logs[i] / LOG_UNIT)`, rounded down: never above the true value, and the
 * same number on every machine, since only integers are involved.
 * @param logs at least one, each a safe integer
 */
export function logMean(logs: readonly number[]): number {
  return logSum(logs.map((log) => ({ log, weight: 1 })), logs.length);
}

/**
 * ln of `sum(weight * exp(log / LOG_UNIT)) / divisor` in units of 1/65536 nat, rounded down.
 * @param terms with whole non-negative weights, not all 0; the divisor is a whole number above 0
 */
export function logSum(
  terms: readonly { log: number; weight: number }[],
  divisor: number,
): number {
  const real = terms.filter(({ weight }) => weight > 0);
  if (real.length === 1 && real[0]!.weight === 1) return real[0]!.log + lnInverse(divisor);
  const largest = Math.max(...real.map(({ log }) => log));
  let sum = 0n;
  for (const { log, weight } of real) sum += BigInt(weight) * expDown(largest - log);
  return largest + lnDown(sum, BigInt(divisor));
}

/** `exp(-x / LOG_UNIT)` in 80-bit fixed point, not above the true value; exactly 1 at 0. */
function expDown(x: number): bigint {
  if (x === 0) return ONE;
  if (x > GONE) return 0n;
  const y = BigInt(x) << TO_UNIT;
  const halvings = y / LN2, rest = y - halvings * LN2;
  let term = ONE, sum = ONE;
  for (let n = 1n; term !== 0n; n++) {
    term = (term * rest >> BITS) / n;
    sum += n % 2n === 0n ? term : -term;
  }
  const value = (sum >> halvings) - SLACK;
  return value > 0n ? value : 0n;
}

/** ln(1 / divisor) of small divisors: what stands alone, as weights do, is asked for all the time. */
const inverses: (number | undefined)[] = [];
const MOST_INVERSES = 65_536;

function lnInverse(divisor: number): number {
  if (divisor > MOST_INVERSES) return lnDown(ONE, BigInt(divisor));
  return inverses[divisor] ??= lnDown(ONE, BigInt(divisor));
}

/** ln(value / 2^80 / divisor) in units of 1/65536 nat, rounded down. */
function lnDown(value: bigint, divisor: bigint): number {
  if (value === divisor << BITS) return 0;
  let mantissa = value / divisor, doublings = 0n;
  while (mantissa >= 2n * ONE) mantissa >>= 1n, doublings++;
  while (mantissa < ONE) mantissa <<= 1n, doublings--;
  // ln m = 2 artanh((m - 1) / (m + 1)), whose terms shrink by nine.
  const t = ((mantissa - ONE) << BITS) / (mantissa + ONE);
  const square = t * t >> BITS;
  let power = t, sum = 0n;
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += power / n;
    power = power * square >> BITS;
  }
  return Number((2n * sum + doublings * LN2 - SLACK) >> TO_UNIT);
}
