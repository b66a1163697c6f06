import { NexusError } from '../../feeds/base/mod.ts';
import { isHostPort } from '../home/mod.ts';

/** The Node binary that the launcher runs on; undefined where it was not used. */
export function nodeBinary(): string | undefined {
  return Deno.env.get('NEXUS_NODE') || undefined;
}

/** `host:port` entries, given by one flag or several, with commas or without. */
export function parseBootstrapFlag(values: readonly string[]): { host: string; port: number }[] {
  return values.flatMap((value) => value.split(',')).map((value) => value.trim()).filter(Boolean)
    .map(parseHostPort);
}

/**
 * One `host:port`.
 * @throws {NexusError} `USAGE`
 */
export function parseHostPort(text: string): { host: string; port: number } {
  const ok: boolean = isHostPort(text);
  if (!ok) {
    throw new NexusError('USAGE', `${JSON.stringify(text.slice(0, 80))} is no host:port`, {
      hint: 'for example --bootstrap 127.0.0.1:49737',
    });
  }
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
}
