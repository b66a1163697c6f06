/** Tells what is expected instead of a value, or null. */
export type Check = (value: unknown) => string | null;

export const text: Check = (v) =>
  typeof v === 'string' && v.length > 0 && v.length <= 4096 ? null : 'a non-empty text';
export const oneOf = (...values: string[]): Check => (v) =>
  values.some((value) => value === v)
    ? null
    : `${values.slice(0, -1).map((value) => `"${value}"`).join(', ')} or "${values.at(-1)}"`;
export const where: Check = oneOf('local', 'mesh', 'any');
export const whole = (least: number, most: number): Check => (v) =>
  Number.isInteger(v) && (v as number) >= least && (v as number) <= most
    ? null
    : `a whole number from ${least} to ${most}`;
export const address: Check = (v) =>
  typeof v === 'string' && (isIPv4(v) || isIPv6(v)) ? null : 'an IP address';
/** Port 0: any free one. */
const hostPort: Check = (v) => isHostPort(v) ? null : '"host:port"';
export const listening: Check = (v) =>
  hostPort(typeof v === 'string' ? v.replace(/:0$/, ':1') : v) && '"host:port"';
export const list = (most: number, ok: (v: unknown) => boolean, what: string): Check => (v) =>
  Array.isArray(v) && v.length <= most && v.every(ok) ? null : `a list of at most ${most} ${what}`;

/** True for four decimal numbers with dots. */
export function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 &&
    parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && +part < 256);
}

/** True for an IPv6 address, which may end in a zone (`fe80::1%eth0`). */
export function isIPv6(text: string): boolean {
  const [address, zone, ...more] = text.split('%');
  if (more.length > 0 || (zone !== undefined && !/^[\w.:-]+$/.test(zone))) return false;
  // The characters are looked at first: a URL's parser leaves out line ends and tabs.
  return /^[0-9a-fA-F:.]+$/.test(address!) && URL.canParse(`http://[${address}]`);
}

/** True for `host:port`; the host is a name, an IPv4 address or an IPv6 address in brackets. */
export function isHostPort(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 260) return false;
  const parts = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(value);
  if (parts === null) return false;
  const host = parts[1]!, port = Number(parts[2]);
  return port >= 1 && port <= 65535 && (!host.startsWith('[') || isIPv6(host.slice(1, -1)));
}

/** True for `name=number`. */
export function isTerm(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z]{1,16}=[0-9]{1,16}(\.[0-9]{1,6})?$/.test(value);
}

/** True for `*` and for what browsers send as `Origin`: scheme, host and port, nothing behind. */
export function isOrigin(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 260) return false;
  return value === '*' || (URL.canParse(value) && new URL(value).origin === value);
}
