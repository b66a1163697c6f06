import { NexusError } from '../../feeds/base/mod.ts';
import {
  address,
  type Check,
  isHostPort,
  isOrigin,
  isTerm,
  list,
  listening,
  oneOf,
  text,
  where,
  whole,
} from './checks.ts';

/** Where a prompt may run. */
export type Where = 'local' | 'mesh' | 'any';

/** How log lines are written. */
export type LogFormat = 'text' | 'json';

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
  /** Address of the gateway, `host:port`; absent: there is none. */
  http?: string;
  /** Web origins that may call the gateway; `*`: all. */
  httpOrigins?: string[];
  /** Requests that the gateway answers at once. */
  httpStreams?: number;
  /** Bytes of a request's body, at most. */
  httpBodyBytes?: number;
  /** Who gets a key of the gateway by a proof of its standing: `name=value` each. */
  httpAdmit?: string[];
  logFormat?: LogFormat;
  /** Whether a node measures itself and claims what it found. */
  fingerprint?: 'on' | 'off';
}

export type ConfigKey = keyof Config;

/** A setting as help, file and listing explain it. */
export interface SettingSpec {
  check: Check;
  /** How text of a flag or variable is read; a list has commas. */
  kind: 'text' | 'number' | 'list';
  /** Environment variable. */
  variable: string;
  /** Flag without its dashes. */
  flag: string;
  /** The value without any setting; null: what {@link otherwise} says. */
  fallback: string | string[] | number | null;
  /** The default in words, where {@link fallback} is null. */
  otherwise?: string;
  /** What it is, with its unit. */
  help: string;
  /** A value to begin with, for the commented-out line. */
  example: string | string[] | number;
}

/** All settings, in the order in which people read them. */
export const SETTINGS: Readonly<Record<ConfigKey, SettingSpec>> = {
  network: {
    check: text,
    kind: 'text',
    variable: 'NEXUS_NETWORK',
    flag: 'network',
    fallback: 'main',
    help: 'network to be in: its name, or path of a network file',
    example: 'main',
  },
  where: {
    check: where,
    kind: 'text',
    variable: 'NEXUS_WHERE',
    flag: 'where',
    fallback: 'local',
    help: 'where prompts run in open networks: local, mesh or any',
    example: 'local',
  },
  privateWhere: {
    check: where,
    kind: 'text',
    variable: 'NEXUS_WHERE',
    flag: 'where',
    fallback: 'any',
    help: 'where prompts run in a private network: local, mesh or any',
    example: 'any',
  },
  model: {
    check: text,
    kind: 'text',
    variable: 'NEXUS_MODEL',
    flag: 'model',
    fallback: null,
    otherwise: 'smollm2-135m',
    help: 'model to ask and to serve: its name or id',
    example: 'smollm2-135m',
  },
  host: {
    check: address,
    kind: 'text',
    variable: 'NEXUS_HOST',
    flag: 'host',
    fallback: null,
    otherwise: 'every interface',
    help: 'IP address that the mesh is reached by',
    example: '192.168.0.2',
  },
  bootstrap: {
    check: list(32, isHostPort, '"host:port"'),
    kind: 'list',
    variable: 'NEXUS_BOOTSTRAP',
    flag: 'bootstrap',
    fallback: null,
    otherwise: 'what the network says, else the public DHT',
    help: 'DHT nodes to begin with, each host:port',
    example: ['dht.example.org:49737'],
  },
  threads: {
    check: whole(1, 1024),
    kind: 'number',
    variable: 'NEXUS_THREADS',
    flag: 'threads',
    fallback: null,
    otherwise: 'measured',
    help: 'threads of the engine',
    example: 4,
  },
  price: {
    check: whole(0, 1_000_000_000),
    kind: 'number',
    variable: 'NEXUS_PRICE',
    flag: 'price',
    fallback: null,
    otherwise: 'least of the network',
    help: 'price asked for a token, micro-NCU',
    example: 100,
  },
  slots: {
    check: whole(1, 256),
    kind: 'number',
    variable: 'NEXUS_SLOTS',
    flag: 'slots',
    fallback: null,
    otherwise: 'what the engine finds best',
    help: 'jobs decoded at once',
    example: 4,
  },
  maxTokens: {
    check: whole(1, 1_000_000),
    kind: 'number',
    variable: 'NEXUS_MAX_TOKENS',
    flag: 'max-tokens',
    fallback: null,
    otherwise: 'what model and network allow',
    help: 'tokens of an answer at most',
    example: 512,
  },
  http: {
    check: listening,
    kind: 'text',
    variable: 'NEXUS_HTTP',
    flag: 'http',
    fallback: null,
    otherwise: 'no gateway',
    help: 'address of the OpenAI-compatible gateway, host:port',
    example: '127.0.0.1:8040',
  },
  httpOrigins: {
    check: list(64, isOrigin, 'web origins such as "https://example.org", or "*"'),
    kind: 'list',
    variable: 'NEXUS_HTTP_ORIGINS',
    flag: 'http-origin',
    fallback: [],
    help: 'web origins whose pages may call the gateway; "*": all',
    example: ['http://localhost:3000'],
  },
  httpStreams: {
    check: whole(1, 10_000),
    kind: 'number',
    variable: 'NEXUS_HTTP_STREAMS',
    flag: 'http-streams',
    fallback: 256,
    help: 'requests that the gateway answers at once',
    example: 64,
  },
  httpBodyBytes: {
    check: whole(1024, 64 * 1024 * 1024),
    kind: 'number',
    variable: 'NEXUS_HTTP_BODY_BYTES',
    flag: 'http-body-bytes',
    fallback: 4 * 1024 * 1024,
    help: "a request's body at the gateway at most, bytes",
    example: 1024 * 1024,
  },
  httpAdmit: {
    check: list(16, isTerm, 'terms such as "reputation=0.6" or "bond=10"'),
    kind: 'list',
    variable: 'NEXUS_HTTP_ADMIT',
    flag: 'admit',
    fallback: [],
    otherwise: 'nobody',
    help: 'who gets a key there by a proof of its standing',
    example: ['reputation=0.6', 'bond=10'],
  },
  logFormat: {
    check: oneOf('text', 'json'),
    kind: 'text',
    variable: 'NEXUS_LOG_FORMAT',
    flag: 'log-format',
    fallback: 'text',
    help: 'log lines of `nexus up`: text or json',
    example: 'json',
  },
  fingerprint: {
    check: oneOf('on', 'off'),
    kind: 'text',
    variable: 'NEXUS_FINGERPRINT',
    flag: 'fingerprint',
    fallback: 'on',
    help: 'measure this machine while it is idle, and say what it can do: on or off',
    example: 'off',
  },
};

/** Names of all settings. */
export const CONFIG_KEYS = Object.keys(SETTINGS) as ConfigKey[];

/** True for the name of a setting. */
export function isConfigKey(name: string): name is ConfigKey {
  return Object.hasOwn(SETTINGS, name);
}

/** What is wrong with a setting's value, or null. */
export function checkSetting(key: ConfigKey, value: unknown): string | null {
  const expected = SETTINGS[key].check(value);
  if (expected === null) return null;
  return `${key} must be ${expected}, not ${JSON.stringify(value)?.slice(0, 80) ?? 'nothing'}`;
}

/**
 * A setting given as text, as flags and variables have it.
 * @param name of the flag or variable, for the message
 * @throws {NexusError} `SETTING_INVALID`
 */
export function parseSetting(key: ConfigKey, text: string, name: string): unknown {
  const value = valueOf(SETTINGS[key].kind, text);
  const wrong = checkSetting(key, value);
  if (wrong !== null) throw settingInvalid(name, wrong);
  return value;
}

function valueOf(kind: SettingSpec['kind'], text: string): unknown {
  if (kind === 'number') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (kind === 'text') return text;
  return text.split(',').map((part) => part.trim()).filter((part) => part !== '');
}

/** A value as {@link parseSetting} reads it. */
export function settingText(value: string | number | readonly string[] | null): string {
  return value === null ? '' : typeof value === 'object' ? value.join(',') : String(value);
}

/** `SETTING_INVALID` about a flag or variable. */
export function settingInvalid(name: string, wrong: string): NexusError {
  return new NexusError('SETTING_INVALID', `${name}: ${wrong}`, { hint: `correct ${name}` });
}
