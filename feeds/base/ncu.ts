/** micro-NCU in one NCU. */
export const NCU = 1_000_000;

const SHAPE = /^(\d{1,10})(?:\.(\d{1,6}))?(?: ?NCU)?$/i;

/**
 * Reads an amount as people type it, in NCU with up to six decimals (`2.5`, `0.000001`, `2.5 NCU`).
 * Exact: it is a whole number all the way.
 * @returns micro-NCU, a safe integer; null where the text is no amount
 */
export function parseNcu(text: string): number | null {
  const [, whole, decimals = ''] = SHAPE.exec(text.trim()) ?? [];
  if (whole === undefined) return null;
  const micro = Number(BigInt(whole) * BigInt(NCU) + BigInt(decimals.padEnd(6, '0')));
  return Number.isSafeInteger(micro) ? micro : null;
}

/** An amount of whole micro-NCU as people read it, exact: `2.5` for 2,500,000. Without the unit. */
export function ncuText(micro: number): string {
  const digits = Math.abs(micro).toString().padStart(7, '0');
  const decimals = digits.slice(-6).replace(/0+$/, '');
  return `${micro < 0 ? '-' : ''}${digits.slice(0, -6)}${decimals && `.${decimals}`}`;
}
