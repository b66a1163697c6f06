/**
 * A node's home: its folder, identity, settings, what it remembers, and the lock that makes one
 * process its node.
 * @module
 */
export { type Home, openHome } from './home.ts';
export { type HomePaths, type Machine, modelRoots, pathsOf, thisMachine } from './paths.ts';
export { homePath, runPath } from './locate.mjs';
export { assertPrivate, ensureIdentity, loadIdentity } from './identity.ts';
export { isHostPort } from './checks.ts';
export { changeConfig, loadConfig } from './config.ts';
export { parseConfig, parseConfigText } from './config_text.ts';
export {
  type Config,
  CONFIG_KEYS,
  type ConfigKey,
  isConfigKey,
  type LogFormat,
  parseSetting,
  SETTINGS,
  type SettingSpec,
  settingText,
  type Where,
} from './schema.ts';
export {
  listSettings,
  type Origin,
  resolveSettings,
  type Setting,
  type SettingRow,
  type Settings,
  type Sources,
} from './settings.ts';
export { type UnknownVariable, unknownVariables } from './variables.ts';
export { copiedFrom, rememberPlace } from './copied.ts';
export { acquireLock } from './file_lock.ts';
export { changeState, emptyState, loadState, type State } from './state.ts';
export { acquireNode, type NodeLease } from './lock.ts';
export {
  codeOf,
  createFileAtomic,
  listFolder,
  makeFolder,
  makePrivateFolder,
  quoted,
  randomBytes,
  readBytes,
  readJson,
  readText,
  remove,
  sweepDrafts,
  writeFileAtomic,
  writeJson,
} from './files.ts';
export { closest, editDistance } from './suggest.ts';
