import { label } from './check.ts';

/** How this machine calls itself in member lists and announcements. */
export function machineName(): string {
  try {
    return label(Deno.hostname());
  } catch {
    return 'unnamed';
  }
}

/**
 * DHT nodes as the feeds take them; nothing for the public ones.
 * @param list of `host:port`, validated
 */
export function bootstrapOf(list: readonly string[] | null): {
  bootstrap?: { host: string; port: number }[];
} {
  if (list === null) return {};
  return {
    bootstrap: list.map((entry) => {
      const at = entry.lastIndexOf(':');
      const host = entry.slice(0, at).replace(/^\[(.*)\]$/, '$1');
      return { host, port: Number(entry.slice(at + 1)) };
    }),
  };
}
