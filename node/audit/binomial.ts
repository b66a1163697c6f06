/**
 * Upper confidence bound of a probability after `hits` in `trials` (Clopper and Pearson, 1934): the
 * p at which so few hits have probability `delta`. Both may be fractions: clustered samples count as
 * fewer (Korn and Graubard, 1998).
 */
export function upperBound(hits: number, trials: number, delta: number): number {
  if (hits >= trials) return 1;
  let low = Math.max(0, hits / trials), high = 1;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const p = low > 0 ? (low + high) / 2 : high > 1e-12 ? high / 2 : 0;
    if (atMost(hits, trials, p) > delta) low = p;
    else high = p;
    if (p === 0) break;
  }
  return high;
}

/** Lower bound, the mirror image of {@link upperBound}. */
export function lowerBound(hits: number, trials: number, delta: number): number {
  return 1 - upperBound(trials - hits, trials, delta);
}

/** P(X <= hits) for X of a binomial distribution. */
function atMost(hits: number, trials: number, p: number): number {
  return 1 - incompleteBeta(p, hits + 1, trials - hits);
}

/**
 * The regularised incomplete beta function I_x(a, b), by its continued fraction (Numerical Recipes,
 * section 6.4, modified Lentz).
 */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  ) / a;
  const tiny = 1e-300;
  const guard = (value: number) => Math.abs(value) < tiny ? tiny : value;
  let c = 1, d = 1 / guard(1 - (a + b) * x / (a + 1)), fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    fraction *= c * d;
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return front * fraction;
}

/** ln of the gamma function, by Stirling's series; relative error below 1e-14 for z > 0. */
function logGamma(z: number): number {
  let shift = 0;
  // The series wants a large argument.
  for (; z < 15; z++) shift += Math.log(z);
  const r = 1 / (z * z);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188)))) / z;
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
