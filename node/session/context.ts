import { importSigner, type Signer } from '../../feeds/base/mod.ts';
import {
  type Config,
  type Home,
  openHome,
  parseSetting,
  resolveSettings,
  SETTINGS,
  type Settings,
  thisMachine,
} from '../home/mod.ts';
import { networkRoom } from './later.ts';

/** What most uses of a node begin with. */
export interface Context {
  home: Home;
  settings: Settings;
  signer: Signer;
}

/** Values that flags or a program may set; what is absent, undefined or empty sets nothing. */
export interface SettingFlags {
  home?: string | undefined;
  network?: string | undefined;
  where?: string | undefined;
  model?: string | undefined;
  host?: string | undefined;
  bootstrap?: string[] | undefined;
  threads?: number | undefined;
  price?: number | undefined;
  slots?: number | undefined;
  maxTokens?: number | undefined;
  http?: string | undefined;
  httpOrigins?: string[] | undefined;
  httpStreams?: number | undefined;
  httpBodyBytes?: number | undefined;
  httpAdmit?: string[] | undefined;
  logFormat?: string | undefined;
  fingerprint?: string | undefined;
}

const SET_AS_IS = [
  'network',
  'where',
  'model',
  'host',
  'threads',
  'price',
  'slots',
  'maxTokens',
  'http',
  'httpStreams',
  'httpBodyBytes',
  'logFormat',
  'fingerprint',
] as const;

/**
 * Opens the home that is named here or by the environment, and resolves the settings.
 * @throws {NexusError} what opening a home throws, `SETTING_INVALID`
 */
export async function openContext(given: SettingFlags): Promise<Context> {
  const home = await openHome(given.home);
  const { bootstrap, httpOrigins, httpAdmit } = given;
  const flags: Config = {};
  for (const key of SET_AS_IS) if (given[key] !== undefined) flags[key] = given[key] as never;
  if (bootstrap !== undefined && bootstrap.length > 0) {
    flags.bootstrap = parseSetting('bootstrap', bootstrap.join(','), '--bootstrap') as string[];
  }
  if (httpOrigins !== undefined && httpOrigins.length > 0) flags.httpOrigins = httpOrigins;
  if (httpAdmit !== undefined && httpAdmit.length > 0) flags.httpAdmit = httpAdmit;
  const env = thisMachine().env;
  const sources = { flags, env, config: home.config };
  const named = resolveSettings(sources, () => false).network.value;
  const isPrivate = named !== SETTINGS.network.fallback &&
    await (await networkRoom()).isPrivateNetwork(home.paths, named);
  const settings = resolveSettings(sources, () => isPrivate);
  return { home, settings, signer: await importSigner(home.seed) };
}
