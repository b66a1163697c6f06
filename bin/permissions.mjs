// deno-lint-ignore-file no-process-global
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { homePath, runPath } from '../node/home/locate.mjs';

/** Commands that only read and write the home's own files, and ask a running node. */
const FILES_ONLY = new Set([
  'balance',
  'bond',
  'config',
  'energy',
  'id',
  'init',
  'invite',
  'keys',
  'leave',
  'ledger',
  'members',
  'network',
  'peers',
  'unbond',
]);
/** Those of them whose files may lie anywhere: network files, proofs of accounts. */
const READS_ANY = new Set(['ledger', 'network']);

/** What any command may see of the environment. */
const ENV = [
  'NEXUS_*',
  'NO_COLOR,FORCE_COLOR,TERM,COLUMNS',
  'HOME,USERPROFILE,LOCALAPPDATA,XDG_DATA_HOME,XDG_RUNTIME_DIR,TMPDIR,TMP,TEMP',
].join(',');

/**
 * The flags that give a command the permissions it needs, and no others.
 * @param {string} root folder of the program
 * @param {readonly string[]} args the command line
 * @param {string} deno path of the Deno binary
 * @returns {string[]}
 */
export function permissionsFor(root, args, deno) {
  const command = args[0] ?? '';
  const { env, platform } = process;
  const home = realPath(resolve(valueOf(args, '--home') || homePath(env, platform, homedir())));
  const run = runPath(home, env, platform, tmpdir(), hexHash);
  const sys = '--allow-sys=homedir,uid,hostname,osRelease,cpus,systemMemoryInfo';
  const own = [home, run];
  if (command === '' || command.startsWith('-') || command === 'help') {
    return [`--allow-env=${ENV}`, allow('read', [root]), '--allow-sys=homedir'];
  }
  if (FILES_ONLY.has(command)) {
    return [
      // Mistyped variables are found by looking at all names.
      command === 'config' ? '--allow-env' : `--allow-env=${ENV}`,
      READS_ANY.has(command) ? '--allow-read' : allow('read', [root, ...own]),
      allow('write', [...own, ...(command === 'ledger' ? written(args) : [])]),
      allow('net', [`unix:${join(run, 'node.sock')}`]),
      sys,
    ];
  }
  // Proves in its own process, by what the running node has folded.
  if (command === 'prove') {
    return [
      `--allow-env=${ENV}`,
      // A receipt lies anywhere.
      args[1] === 'sample' ? '--allow-read' : allow('read', [root, ...own]),
      allow('write', [...own, process.cwd(), ...written(args), ...sampled(args)]),
      allow('net', [`unix:${join(run, 'node.sock')}`, ...gatewayOf(args)]),
      sys,
    ];
  }
  // A recording lies anywhere, and its logs are opened by a child.
  if (command === 'tui' && !args.some((arg) => arg.startsWith('--replay'))) {
    return [
      // Ink looks through all of it.
      '--allow-env',
      allow('read', [root, ...own]),
      // Receipts are exported to where one is.
      allow('write', [...own, process.cwd()]),
      allow('net', [`unix:${join(run, 'node.sock')}`]),
      sys,
    ];
  }
  // The rest runs the node: models and receipts may lie anywhere, models are fetched, children
  // started. llama.cpp itself runs in a child that gets neither network nor writes.
  return [
    '--allow-env',
    '--allow-read',
    // Evidence is written to where one is, unless another file is named.
    allow('write', [
      ...own,
      tmpdir(),
      ...written(args),
      ...(command === 'evidence' ? [process.cwd()] : []),
    ]),
    '--allow-net',
    allow('run', [deno, process.execPath, 'pip', 'pip3']),
    '--allow-sys',
  ];
}

/** Deno's lists cannot carry a comma: where a path has one, the permission is given whole. */
function allow(what, list) {
  return list.some((one) => one.includes(',')) ? `--allow-${what}` : `--allow-${what}=${list}`;
}

/** Files that a command line asks to be written. */
function written(args) {
  return ['--receipt', '--out', '-o', '--write'].map((flag) => valueOf(args, flag)).filter((path) =>
    path
  )
    .map((path) => dirname(resolve(path)));
}

/** The folder of the receipt that a proof is put into. */
function sampled(args) {
  const file = args[0] === 'prove' && args[1] === 'sample' ? args[2] : undefined;
  return file === undefined || file.startsWith('-') ? [] : [dirname(resolve(file))];
}

/** Host and port of the gateway that a proof of a standing is for. */
function gatewayOf(args) {
  const address = valueOf(args, '--for') ?? '';
  if (!URL.canParse(address)) return [];
  const { hostname, port, protocol } = new URL(address);
  return hostname === '' ? [] : [`${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`];
}

/** Value of a flag, as `--flag value` or `--flag=value`. */
function valueOf(args, flag) {
  const end = args.indexOf('--');
  const flags = end < 0 ? args : args.slice(0, end);
  const inline = flags.findLast((arg) => arg.startsWith(`${flag}=`));
  if (inline !== undefined) return inline.slice(flag.length + 1);
  const at = flags.lastIndexOf(flag);
  return at < 0 ? undefined : flags[at + 1];
}

function hexHash(text) {
  // Loaded here: it takes a tenth of this program's time, and few homes lie so deep.
  const { createHash } = createRequire(import.meta.url)('node:crypto');
  return createHash('sha256').update(text).digest('hex');
}

function realPath(path) {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}
