import { NexusError } from '../../feeds/base/mod.ts';
import { checkSetting, type Config, type ConfigKey, type Where } from './config.ts';

/** Who said so. */
export type Origin = 'flag' | 'environment' | 'config' | 'default';

/** A value and who set it. */
export interface Setting<T> {
  value: T;
  origin: Origin;
}

/** All settings, resolved. */
export interface Settings {
  network: Setting<string>;
  where: Setting<Where>;
  /** null: the default model. */
  model: Setting<string | null>;
  /** null: every interface. */
  host: Setting<string | null>;
  /** null: what the network says, else the public DHT. */
  bootstrap: Setting<string[] | null>;
  /** null: calibrated. */
  threads: Setting<number | null>;
  /** null: what the network says. */
  price: Setting<number | null>;
  /** null: chosen by the engine. */
  slots: Setting<number | null>;
  /** null: what the model and the network allow. */
  maxTokens: Setting<number | null>;
}

/** Where settings come from, the strongest first. */
export interface Sources {
  flags: Config;
  env: Record<string, string | undefined>;
  config: Config;
}

/** Environment variable of each setting. */
export const SETTING_VARIABLES: Readonly<Record<string, Exclude<ConfigKey, 'privateWhere'>>> = {
  NEXUS_NETWORK: 'network',
  NEXUS_WHERE: 'where',
  NEXUS_MODEL: 'model',
  NEXUS_HOST: 'host',
  NEXUS_BOOTSTRAP: 'bootstrap',
  NEXUS_THREADS: 'threads',
  NEXUS_PRICE: 'price',
  NEXUS_SLOTS: 'slots',
  NEXUS_MAX_TOKENS: 'maxTokens',
};

const NUMBERS = new Set<ConfigKey>(['threads', 'price', 'slots', 'maxTokens']);

/**
 * Flags beat the environment, which beats `config.json`, which beats the defaults. A prompt stays on
 * this machine by default, except in a private network, whose members trust each other.
 * @param isPrivate tells whether the network of that name is private
 * @throws {NexusError} `SETTING_INVALID` naming the flag or variable
 */
export function resolveSettings(
  sources: Sources,
  isPrivate: (network: string) => boolean,
): Settings {
  const env = settingsOfEnvironment(sources.env);
  checkFlags(sources.flags);
  const pick = <K extends ConfigKey, D>(
    key: K,
    fallback: D,
    configKey: ConfigKey = key,
  ): Setting<Exclude<Config[K], undefined> | D> => {
    const layers: [Config[ConfigKey], Origin][] = [
      [sources.flags[key], 'flag'],
      [env[key], 'environment'],
      [sources.config[configKey], 'config'],
    ];
    for (const [value, origin] of layers) {
      if (value !== undefined) return { value: value as Exclude<Config[K], undefined>, origin };
    }
    return { value: fallback, origin: 'default' };
  };
  const network = pick('network', 'main');
  const where: Setting<Where> = isPrivate(network.value)
    ? pick('where', 'any', 'privateWhere')
    : pick('where', 'local');
  return {
    network,
    where,
    model: pick('model', null),
    host: pick('host', null),
    bootstrap: pick('bootstrap', null),
    threads: pick('threads', null),
    price: pick('price', null),
    slots: pick('slots', null),
    maxTokens: pick('maxTokens', null),
  };
}

function settingsOfEnvironment(env: Sources['env']): Config {
  const config: Record<string, unknown> = {};
  for (const [variable, key] of Object.entries(SETTING_VARIABLES)) {
    const text = env[variable];
    if (text === undefined || text === '') continue;
    config[key] = parseSetting(key, text, variable);
  }
  return config;
}

/**
 * A setting given as text, as flags and variables have it.
 * @param name of the flag or variable, for the message
 * @throws {NexusError} `SETTING_INVALID`
 */
export function parseSetting(key: ConfigKey, text: string, name: string): unknown {
  const value = NUMBERS.has(key)
    ? (/^-?\d+$/.test(text) ? Number(text) : text)
    : key === 'bootstrap'
    ? text.split(',').map((part) => part.trim()).filter((part) => part !== '')
    : text;
  const wrong = checkSetting(key, value);
  if (wrong !== null) throw invalid(name, wrong);
  return value;
}

function checkFlags(flags: Config): void {
  for (const [key, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    const wrong = checkSetting(key as ConfigKey, value);
    if (wrong !== null) throw invalid(`--${key}`, wrong);
  }
}

function invalid(name: string, wrong: string): NexusError {
  return new NexusError('SETTING_INVALID', `${name}: ${wrong}`, { hint: `correct ${name}` });
}
