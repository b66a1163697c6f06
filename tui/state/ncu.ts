import { NCU, ncuText } from '../../feeds/base/mod.ts';

const UNITS = ['', 'k', 'M', 'G'];

/** An amount in NCU for a narrow column, about: `0.00123`, `12.5`, `4.57k`. @param micro micro-NCU */
export function ncu(micro: number): string {
  const all = Math.abs(micro);
  // Small ones exactly: one micro-NCU is never nothing.
  if (all < NCU) return ncuText(micro);
  let value = all / NCU, unit = 0;
  while (value >= 9999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = value >= 999.5 ? 0 : value >= 99.95 ? 1 : 2;
  const text = value.toFixed(digits).replace(/\.?0+$/, '');
  return `${micro < 0 ? '-' : ''}${digits === 0 ? value.toFixed(0) : text}${UNITS[unit]}`;
}
