import {
  changeConfig,
  closest,
  type Config,
  CONFIG_KEYS,
  type ConfigKey,
  isConfigKey,
  listSettings,
  loadConfig,
  parseSetting,
  pathsOf,
  type SettingRow,
  SETTINGS,
  settingText,
  unknownVariables,
} from '../../home/mod.ts';
import { usageError } from '../args.ts';
import { table } from '../columns.ts';
import type { Output } from '../output.ts';
import { defineCommand, type Flags, type FlagSpec } from '../spec.ts';

const KEY = { name: 'setting', required: true, help: 'its name, as `nexus config` lists it' };

/** A flag for each setting, as the other commands have it. */
const FLAGS: Flags = Object.fromEntries(
  CONFIG_KEYS.filter((key) => key !== 'privateWhere').map((key): [string, FlagSpec] => {
    const { flag, variable, help, kind } = SETTINGS[key];
    const type = kind === 'list' ? 'list' : 'string';
    return [flag, { type, value: 'value', env: variable, help }];
  }),
);

/** `nexus config` */
export const command = defineCommand({
  name: 'config',
  summary: 'settings, and where each comes from',
  description:
    'A flag beats a variable of the environment, which beats the file, which beats the default. ' +
    'Flags given here count as on any other command. A running node keeps the settings that it ' +
    'was started with.',
  flags: FLAGS,
  actions: [
    { name: 'list', summary: 'all settings, each with who said so' },
    { name: 'get', summary: 'the value that is in force', positionals: [KEY] },
    {
      name: 'set',
      summary: 'set it in the file',
      positionals: [KEY, { name: 'value', required: true, help: 'a list has commas' }],
    },
    { name: 'unset', summary: 'take it out of the file', positionals: [KEY] },
    { name: 'path', summary: 'where the file lies' },
  ],
  examples: [
    { command: 'nexus config', does: 'what is in force, and why' },
    { command: 'nexus config set http 127.0.0.1:8040', does: 'a gateway on each nexus up' },
    { command: 'nexus config get model', does: 'one value, for scripts' },
    { command: '$EDITOR "$(nexus config path)"', does: 'the file itself, with its comments' },
  ],
  async run({ flags, action, positionals, out }) {
    const { config: path } = pathsOf(flags.home);
    if (action === 'path') {
      await out.event({ event: 'path', path });
      return await out.result(path);
    }
    const key = action === 'list' ? null : keyOf(positionals[0]!);
    const env = Deno.env.toObject();
    const given = flagsOf(flags as Record<string, unknown>);
    if (key !== null && action === 'set') {
      await changeConfig(path, { [key]: parseSetting(key, positionals[1]!, key) });
    }
    if (key !== null && action === 'unset') await changeConfig(path, { [key]: undefined });
    const rows = listSettings({ flags: given, env, config: await loadConfig(path) });
    const shown = rows.filter((row) => key === null || row.key === key);
    for (const row of shown) await out.event({ event: 'setting', ...eventOf(row) });
    if (key === null) {
      await out.result(listing(rows, out));
      await out.note(`\nfile: ${path}`);
    } else if (action === 'get') await out.result(settingText(shown[0]!.value));
    else await out.note(`${key}: ${valueText(shown[0]!)}, by ${fromText(shown[0]!)}`);
    for (const { name, meant } of unknownVariables(env)) {
      await out.event({ event: 'unknown-variable', name, meant });
      await out.warn(`nothing reads ${name}${meant === null ? '' : `; did you mean ${meant}?`}`);
    }
  },
});

function keyOf(name: string): ConfigKey {
  if (isConfigKey(name)) return name;
  const meant = closest(name, CONFIG_KEYS);
  throw usageError(
    `there is no setting ${JSON.stringify(name.slice(0, 80))}`,
    meant === undefined ? `settings are ${CONFIG_KEYS.join(', ')}` : `did you mean ${meant}?`,
  );
}

function flagsOf(flags: Record<string, unknown>): Config {
  const config: Record<string, unknown> = {};
  for (const key of CONFIG_KEYS) {
    const { flag } = SETTINGS[key];
    const value = key === 'privateWhere' ? undefined : flags[flag];
    const text = Array.isArray(value) ? value.join(',') : value as string | undefined;
    if (text) config[key] = parseSetting(key, text, `--${flag}`);
  }
  return config;
}

function listing(rows: readonly SettingRow[], out: Output): string {
  const cells = rows.map((row) => [row.key, valueText(row), fromText(row)]);
  return table([['SETTING', 'VALUE', 'FROM'], ...cells], out.columns);
}

function valueText({ key, value }: SettingRow): string {
  return settingText(value) || (SETTINGS[key].otherwise ?? 'none');
}

function fromText({ origin, source }: SettingRow): string {
  return source ?? origin;
}

function eventOf({ key, value, origin, source }: SettingRow): Record<string, unknown> {
  const { variable, flag, fallback, help } = SETTINGS[key];
  return { key, value, from: origin, source, default: fallback, variable, flag: `--${flag}`, help };
}
