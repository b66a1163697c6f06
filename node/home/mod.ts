/**
 * A node's home: its folder, identity, settings, what it remembers, and the lock that makes one
 * process its node.
 * @module
 */
export { type Home, openExistingHome, openHome } from './home.ts';
export { type HomePaths, type Machine, modelRoots, pathsOf, thisMachine } from './paths.ts';
export { homePath, runPath } from './locate.mjs';
export { assertPrivate, ensureIdentity, loadIdentity, makePrivate } from './identity.ts';
export {
  changeConfig,
  checkSetting,
  type Config,
  CONFIG_KEYS,
  type ConfigKey,
  isHostPort,
  loadConfig,
  parseConfig,
  type Where,
} from './config.ts';
export {
  type Origin,
  parseSetting,
  resolveSettings,
  type Setting,
  SETTING_VARIABLES,
  type Settings,
  type Sources,
} from './settings.ts';
export { changeState, emptyState, loadState, parseState, saveState, type State } from './state.ts';
export { acquireNode, type NodeLease } from './lock.ts';
export {
  codeOf,
  createFileAtomic,
  makeFolder,
  makePrivateFolder,
  quoted,
  readJson,
  readText,
  writeFileAtomic,
  writeJson,
} from './files.ts';
export { closest, editDistance } from './suggest.ts';
