import {
  checkSetting,
  type Config,
  CONFIG_KEYS,
  type ConfigKey,
  type LogFormat,
  parseSetting,
  settingInvalid,
  SETTINGS,
  type Where,
} from './schema.ts';

/** Who said so. */
export type Origin = 'flag' | 'environment' | 'file' | 'default';

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
  /** null: no gateway. */
  http: Setting<string | null>;
  httpOrigins: Setting<string[]>;
  httpStreams: Setting<number>;
  httpBodyBytes: Setting<number>;
  httpAdmit: Setting<string[]>;
  logFormat: Setting<LogFormat>;
  /** Whether this node measures itself. */
  fingerprint: Setting<'on' | 'off'>;
}

/** Where settings come from, the strongest first. */
export interface Sources {
  flags: Config;
  env: Record<string, string | undefined>;
  config: Config;
}

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
  const all = Object.fromEntries(
    listSettings(sources).map(({ key, value, origin }) => [key, { value, origin }]),
  ) as unknown as Settings & { privateWhere: Setting<Where> };
  const { privateWhere, ...settings } = all;
  return isPrivate(settings.network.value) ? { ...settings, where: privateWhere } : settings;
}

/** A setting with all that `nexus config` tells of it. */
export interface SettingRow extends Setting<string | string[] | number | null> {
  key: ConfigKey;
  /** The flag or variable that set it; null: the file, or nobody. */
  source: string | null;
}

/** {@link resolveSettings} for showing: each setting, where it comes from and by what name. */
export function listSettings({ flags, env, config }: Sources): SettingRow[] {
  return CONFIG_KEYS.map((key): SettingRow => {
    const { flag, variable, fallback } = SETTINGS[key];
    // `--where` and NEXUS_WHERE are about both kinds of network.
    const flagged = flags[key === 'privateWhere' ? 'where' : key];
    const said = fromEnvironment(key, env);
    if (flagged !== undefined) {
      const wrong = checkSetting(key, flagged);
      if (wrong !== null) throw settingInvalid(`--${flag}`, wrong);
      return { key, value: flagged, origin: 'flag', source: `--${flag}` };
    }
    if (said !== undefined) return { key, value: said, origin: 'environment', source: variable };
    const kept = config[key];
    if (kept !== undefined) return { key, value: kept, origin: 'file', source: null };
    return { key, value: fallback, origin: 'default', source: null };
  });
}

function fromEnvironment(key: ConfigKey, env: Sources['env']): SettingRow['value'] | undefined {
  const { variable } = SETTINGS[key];
  const text = env[variable];
  if (text === undefined || text === '') return undefined;
  return parseSetting(key, text, variable) as SettingRow['value'];
}
