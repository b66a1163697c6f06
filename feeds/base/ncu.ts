import { NexusError } from './errors.ts';

/** micro-NCU in one NCU. */
export const NCU = 1_000_000;

const SHAPE = /^(\d{1,10})(?:\.(\d{1,6}))?(?: ?NCU)?$/i;

/**
 * Reads an amount as people type it, in NCU with up to six decimals (`2.5`, `0.000001`, `2.5 NCU`).
 * Exact: it never becomes a fraction in between.
 * @param least micro-NCU
 * @param what is to be given, for the error
 * @returns micro-NCU, a safe integer
 * @throws {NexusError} `AMOUNT_INVALID`
 */
export function parseNcu(text: string, least = 1, what = 'an amount'): number {
  const [, whole = '', decimals = ''] = SHAPE.exec(text.trim()) ?? [];
  const amount = Number(BigInt(whole) * BigInt(NCU) + BigInt(decimals.padEnd(6, '0')));
  if (whole !== '' && Number.isSafeInteger(amount) && amount >= least) return amount;
  const shown = JSON.stringify(text.slice(0, 40));
  throw new NexusError('AMOUNT_INVALID', `${shown} is not ${what} in NCU`, {
    hint: `give it in NCU with at most six decimals, at least ${formatNcu(least)}, e.g. 2.5`,
  });
}

/** An amount for people, exact, without its unit: `2.5` for 2,500,000 micro-NCU. */
export function formatNcu(micro: number): string {
  const digits = BigInt(Math.abs(Math.trunc(micro))).toString().padStart(7, '0');
  const decimals = digits.slice(-6).replace(/0+$/, '');
  const sign = micro < 0 ? '-' : '';
  return `${sign}${digits.slice(0, -6)}${decimals === '' ? '' : `.${decimals}`}`;
}
