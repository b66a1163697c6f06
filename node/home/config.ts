import { isIP } from 'node:net';
import { NexusError } from '../../feeds/base/mod.ts';
import { quoted, readJson, writeJson } from './files.ts';
import { closest } from './suggest.ts';

/** Where a prompt may run. */
export type Where = 'local' | 'mesh' | 'any';

/** What can be set by flag, environment or `config.json`. Absent: not set there. */
export interface Config {
  /** Name of a stored network, or path of a network file. */
  network?: string;
  /** Where prompts run in open networks. */
  where?: Where;
  /** Where prompts run in a private network. */
  privateWhere?: Where;
  model?: string;
  /** Address to bind to. */
  host?: string;
  /** DHT bootstrap nodes, `host:port`. */
  bootstrap?: string[];
  /** Decoding threads; absent: calibrated. */
  threads?: number;
  /** micro-NCU a token asked. */
  price?: number;
  /** Jobs decoded at once. */
  slots?: number;
  maxTokens?: number;
}

export type ConfigKey = keyof Config;

/** Tells what is wrong with a value, or null. */
type Check = (value: unknown) => string | null;

const text: Check = (v) =>
  typeof v === 'string' && v.length > 0 && v.length <= 4096 ? null : 'a non-empty text';
const where: Check = (v) =>
  v === 'local' || v === 'mesh' || v === 'any' ? null : '"local", "mesh" or "any"';
const whole = (least: number, most: number): Check => (v) =>
  Number.isInteger(v) && (v as number) >= least && (v as number) <= most
    ? null
    : `a whole number from ${least} to ${most}`;
const address: Check = (v) => typeof v === 'string' && isIP(v) !== 0 ? null : 'an IP address';

/** True for `host:port`; the host is a name, an IPv4 address or an IPv6 address in brackets. */
export function isHostPort(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 260) return false;
  const parts = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(value);
  if (parts === null) return false;
  const host = parts[1]!, port = Number(parts[2]);
  return port >= 1 && port <= 65535 && (!host.startsWith('[') || isIP(host.slice(1, -1)) === 6);
}

const bootstrap: Check = (v) =>
  Array.isArray(v) && v.length <= 32 && v.every(isHostPort)
    ? null
    : 'a list of at most 32 "host:port"';

const CHECKS: Record<ConfigKey, Check> = {
  network: text,
  where,
  privateWhere: where,
  model: text,
  host: address,
  bootstrap,
  threads: whole(1, 1024),
  price: whole(0, 1_000_000_000),
  slots: whole(1, 256),
  maxTokens: whole(1, 1_000_000),
};

/** Names of all settings. */
export const CONFIG_KEYS = Object.keys(CHECKS) as ConfigKey[];

/** What is wrong with a setting's value, or null. */
export function checkSetting(key: ConfigKey, value: unknown): string | null {
  const expected = CHECKS[key](value);
  if (expected === null) return null;
  return `${key} must be ${expected}, not ${JSON.stringify(value)?.slice(0, 80) ?? 'nothing'}`;
}

/**
 * Validates what `config.json` holds.
 * @throws {NexusError} `CONFIG_INVALID` naming file and key
 */
export function parseConfig(value: unknown, file = 'config.json'): Config {
  const fail = (what: string, hint: string): never => {
    throw new NexusError('CONFIG_INVALID', `${file}: ${what}`, { hint });
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail('not an object of settings', `mend it, or remove it: rm ${quoted(file)}`);
  }
  for (const [key, entry] of Object.entries(value)) {
    if (!Object.hasOwn(CHECKS, key)) {
      const meant = closest(key, CONFIG_KEYS);
      const known = `settings are ${CONFIG_KEYS.join(', ')}`;
      fail(
        `unknown setting ${JSON.stringify(key.slice(0, 80))}`,
        meant ? `did you mean "${meant}"?` : known,
      );
    }
    const wrong = checkSetting(key as ConfigKey, entry);
    if (wrong !== null) fail(wrong, `correct ${key} in ${file}`);
  }
  return value as Config;
}

/** Reads and validates a config file; none is an empty one. */
export async function loadConfig(path: string): Promise<Config> {
  return parseConfig(await readJson(path) ?? {}, path);
}

/** Changes some settings of a config file; `undefined` removes one. */
export async function changeConfig(
  path: string,
  change: { [K in ConfigKey]?: Config[K] | undefined },
): Promise<Config> {
  const merged: Record<string, unknown> = { ...await loadConfig(path), ...change };
  for (const key of Object.keys(merged)) if (merged[key] === undefined) delete merged[key];
  const config = parseConfig(merged, path);
  await writeJson(path, config);
  return config;
}
