import type { Coefficients, MicroNcu, Ppm } from './types.ts';

const MILLION = 1_000_000n;
/** Products of whole numbers below it are exact. */
const WHOLE = Number.MAX_SAFE_INTEGER;

/** Of whole numbers, rounded down; exact, which a division and `Math.floor` are not. */
export function quotient(dividend: number, divisor: number): number {
  return (dividend - dividend % divisor) / divisor;
}

/**
 * Clamps to what an account may hold: amounts from outside are hostile, and 2^53 is where whole
 * numbers end.
 */
export function safe(amount: bigint): MicroNcu {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(amount < 0n ? 0n : amount > most ? most : amount);
}

/** `amount` x `share`, rounded down, without loss in between. */
export function mulPpm(amount: MicroNcu, share: Ppm): MicroNcu {
  const product = amount * share;
  if (product < WHOLE && product >= 0) return quotient(product, 1_000_000);
  return safe(BigInt(amount) * BigInt(share) / MILLION);
}

/**
 * What one attempt costs: its output tokens at the price asked, its prompt tokens at that price in the
 * proportion of the profile's coefficients. Nothing where nothing was acknowledged.
 * @param price micro-NCU an output token
 * @param tokens paid output tokens
 */
export function attemptCost(
  price: MicroNcu,
  { prompt, output }: Pick<Coefficients, 'prompt' | 'output'>,
  promptTokens: number,
  tokens: number,
): MicroNcu {
  if (tokens === 0 || output === 0) return 0;
  const perPrompt = price * prompt * promptTokens, answer = price * tokens;
  if (perPrompt < WHOLE && answer < WHOLE / 2 && perPrompt >= 0 && answer >= 0) {
    const all = answer + quotient(perPrompt, output);
    if (all < WHOLE) return all;
  }
  const each = BigInt(price);
  const reading = each * BigInt(prompt) * BigInt(promptTokens) / BigInt(output);
  return safe(each * BigInt(tokens) + reading);
}

/**
 * The price of an output token that a cost follows from: the highest whose {@link attemptCost} is not
 * above it.
 */
export function priceAsked(
  cost: MicroNcu,
  coefficients: Pick<Coefficients, 'prompt' | 'output'>,
  promptTokens: number,
  tokens: number,
): MicroNcu {
  const { prompt, output } = coefficients;
  if (tokens === 0 || output === 0) return 0;
  const each = BigInt(output) * BigInt(tokens) + BigInt(prompt) * BigInt(promptTokens);
  const price = safe(BigInt(cost) * BigInt(output) / each);
  // What was rounded down may belong to the next one.
  return attemptCost(price + 1, coefficients, promptTokens, tokens) <= cost ? price + 1 : price;
}

/** The most that an offer may cost, held from its `job` entry on until it is settled. */
export function escrowFor(
  offer: { priceCap: MicroNcu; promptTokens: number; resumeAt: number; maxTokens: number },
  coefficients: Pick<Coefficients, 'prompt' | 'output'>,
): MicroNcu {
  const tokens = Math.max(0, offer.maxTokens - offer.resumeAt);
  return attemptCost(offer.priceCap, coefficients, offer.promptTokens, tokens);
}
