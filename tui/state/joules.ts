const UNITS = [['µJ', 1e-6], ['mJ', 1e-3], ['J', 1], ['kJ', 1e3], ['MJ', 1e6]] as const;

/** Energy for people, about: `6.9 mJ`, `1.2 J`, `2.3 kJ`. @param value joules */
export function joules(value: number): string {
  if (value === 0) return '0 J';
  const [unit, size] = UNITS.findLast(([, size]) => value >= size) ?? UNITS[0];
  const shown = value / size;
  return `${shown >= 99.5 ? Math.round(shown) : Number(shown.toPrecision(2))} ${unit}`;
}
