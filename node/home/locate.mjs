// Plain JavaScript: the launcher needs these rules on Node 20, before TypeScript can be run.
import { posix, win32 } from 'node:path';

/** A socket's path must fit in `sockaddr_un` (104 bytes on macOS, 108 on Linux, NUL included). */
const SOCKET_PATH_BYTES = 103;
const LONGEST_SOCKET_NAME = 'engine.sock';

/**
 * The folder in which a node keeps all it has, when no flag names one.
 * @param {Record<string, string | undefined>} env
 * @param {string} platform as `process.platform` has it
 * @param {string} userHome the user's home folder
 * @returns {string}
 */
export function homePath(env, platform, userHome) {
  if (env.NEXUS_HOME) return env.NEXUS_HOME;
  if (platform === 'win32') {
    return win32.join(env.LOCALAPPDATA || win32.join(userHome, 'AppData', 'Local'), 'nexus');
  }
  if (platform === 'darwin') {
    return posix.join(userHome, 'Library', 'Application Support', 'nexus');
  }
  // The XDG specification has relative paths ignored.
  const data = env.XDG_DATA_HOME?.startsWith('/') ? env.XDG_DATA_HOME : undefined;
  return posix.join(data ?? posix.join(userHome, '.local', 'share'), 'nexus');
}

/**
 * The folder for lock and sockets of the node at `home`: inside it, or, where a socket's path would
 * be longer than the system takes, in the runtime folder under a name made of the home's path.
 * @param {string} home absolute path
 * @param {Record<string, string | undefined>} env
 * @param {string} platform as `process.platform` has it
 * @param {string} temporary the system's folder for temporary files
 * @param {(text: string) => string} hash SHA-256 of a text's UTF-8, hexadecimal
 * @returns {string}
 */
export function runPath(home, env, platform, temporary, hash) {
  const path = platform === 'win32' ? win32 : posix;
  const inside = path.join(home, 'run');
  const longest = new TextEncoder().encode(path.join(inside, LONGEST_SOCKET_NAME)).length;
  if (platform === 'win32' || longest <= SOCKET_PATH_BYTES) return inside;
  const runtime = env.XDG_RUNTIME_DIR?.startsWith('/') ? env.XDG_RUNTIME_DIR : temporary;
  return path.join(runtime, `nexus-${hash(home).slice(0, 16)}`);
}
