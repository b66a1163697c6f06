import { NexusError } from '../../feeds/base/mod.ts';
import { quoted } from './files.ts';
import { checkSetting, type Config, CONFIG_KEYS, isConfigKey } from './schema.ts';
import { closest } from './suggest.ts';

/** What is wrong with the settings of a file, and with which one. */
interface Problem {
  what: string;
  hint: string;
  key: string | null;
}

/**
 * Validates what `config.json` holds.
 * @throws {NexusError} `CONFIG_INVALID` naming file and key
 */
export function parseConfig(value: unknown, file = 'config.json'): Config {
  const problem = problemOf(value, file);
  if (problem !== null) throw invalid(file, problem.what, problem.hint);
  return value as Config;
}

/**
 * Reads a config file's text: JSON, which may have comments and commas at the end.
 * @throws {NexusError} `CONFIG_INVALID` naming file, line and column
 */
export async function parseConfigText(text: string, file: string): Promise<Config> {
  const quick = quickParse(text);
  if (quick !== undefined && problemOf(quick, file) === null) return quick as Config;
  // Loaded only where a place has to be named: every command reads this file.
  const { findPlace, firstMistake, valueOf } = await import('./config_tree.ts');
  const mistake = firstMistake(text);
  if (mistake !== null) {
    const place = `${file}:${mistake.line}:${mistake.column}`;
    throw invalid(place, mistake.what, `mend it there, or start anew: rm ${quoted(file)}`);
  }
  const value = valueOf(text);
  const problem = problemOf(value, file);
  if (problem === null) return value as Config;
  const { line, column } = findPlace(text, problem.key);
  throw invalid(`${file}:${line}:${column}`, problem.what, problem.hint);
}

/**
 * Comments and last commas become spaces, the rest is JSON's own business.
 * @returns undefined where it cannot be read so, or a name stands twice
 */
export function quickParse(text: string): unknown {
  const TOKEN = /("(?:[^"\\\n]|\\.)*"\s*:?)|"|\/\/[^\n\r]*|\/\*[^]*?\*\//g;
  let names = 0, torn = false;
  const bare = text.replace(TOKEN, (token, string?: string) => {
    // Text without an end: what follows is not what it looks like.
    if (token === '"') torn = true;
    if (string === undefined) return ' ';
    if (token.endsWith(':')) names++;
    return token;
  });
  const LAST = /("(?:[^"\\\n]|\\.)*")|(?<=["\w}\]]\s*),(?=\s*[}\]])/g;
  if (torn) return undefined;
  try {
    const value = JSON.parse(bare.replace(LAST, (_, string?: string) => string ?? ' '));
    return names === Object.keys(value ?? {}).length || !isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problemOf(value: unknown, file: string): Problem | null {
  if (!isObject(value)) {
    const hint = `mend it, or remove it: rm ${quoted(file)}`;
    return { what: 'not an object of settings', hint, key: null };
  }
  for (const [key, entry] of Object.entries(value)) {
    if (!isConfigKey(key)) {
      const meant = closest(key, CONFIG_KEYS);
      const hint = meant ? `did you mean "${meant}"?` : `settings are ${CONFIG_KEYS.join(', ')}`;
      return { what: `unknown setting ${JSON.stringify(key.slice(0, 80))}`, hint, key };
    }
    const wrong = checkSetting(key, entry);
    if (wrong !== null) return { what: wrong, hint: `correct ${key} in ${file}`, key };
  }
  return null;
}

function invalid(place: string, what: string, hint: string): NexusError {
  return new NexusError('CONFIG_INVALID', `${place}: ${what}`, { hint });
}
