/**
 * Starts a program of this folder in Node: `node boot.mjs <feeds|dht> <socket> [cache folder]`.
 * Node 20 does not run TypeScript, so the program is bundled once and kept until its sources change.
 * Its packages go into the bundle too: finding and reading two hundred files took a third of a start.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// A terminal sends it to the whole group; the parent decides. The program says so too, but later.
process.on('SIGINT', () => {});

const ENTRIES = { feeds: 'main.ts', dht: 'dht.ts' };
const ROOMS = ['base', 'wire', 'records', 'proof', 'service'];
/** Packages with native code, which look for it in their own folder. */
const NATIVE = /(^|-)native(-extensions)?$|^bare-/;

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const [program, , spareCache] = process.argv.slice(2);
const entry = ENTRIES[program];
if (entry === undefined) {
  console.error(`boot.mjs: unknown program ${JSON.stringify(program)}: expected feeds or dht`);
  process.exit(2);
}
const bundle = await bundled();
// From Node 22 on: the compiled code is kept as well.
module.enableCompileCache?.(join(dirname(bundle), 'compiled'));
await import(pathToFileURL(bundle).href);

async function bundled() {
  const name = `${program}-${sourceHash()}.mjs`;
  const shared = join(root, 'node_modules', '.cache', 'nexus');
  const caches = [shared, ...(spareCache ? [spareCache] : [])];
  for (const cache of caches) {
    if (existsSync(join(cache, name))) return join(cache, name);
  }
  let failure;
  for (const cache of caches) {
    try {
      mkdirSync(cache, { recursive: true });
      await build(join(cache, name), cache !== shared);
      return join(cache, name);
    } catch (error) {
      if (!['EACCES', 'EROFS', 'EPERM', 'ENOSPC', 'ENOTDIR'].includes(error.code)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/**
 * Bundles of sources that are no more; a start of another checkout may still be reading a new one, and
 * others that start at the same time rename and remove theirs.
 */
function removeOld(cache) {
  const day = 24 * 3600 * 1000;
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (Date.now() - written > day) rmSync(path, { force: true, recursive: true });
  }
}

function sourceHash() {
  const hash = createHash('sha256');
  for (const file of [fileURLToPath(import.meta.url), join(root, 'package.json')]) {
    hash.update(readFileSync(file));
  }
  for (const room of ROOMS) {
    const folder = join(root, 'feeds', room);
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder).sort()) {
      if (!file.endsWith('.ts')) continue;
      hash.update(`${room}/${file}\0`).update(readFileSync(join(folder, file)));
    }
  }
  // A bundle outside of the package names its dependencies by place.
  return hash.update(root).digest('hex').slice(0, 16);
}

async function build(target, absolute) {
  const { build } = await import('esbuild');
  const partial = `${target}.${process.pid}`;
  const native = {
    name: 'native',
    setup(setup) {
      setup.onResolve({ filter: NATIVE }, ({ path, resolveDir }) => {
        if (!absolute) return { path, external: true };
        const require = createRequire(join(resolveDir, 'x.js'));
        return { path: require.resolve(path), external: true };
      });
    },
  };
  try {
    const result = await build({
      entryPoints: [join(here, entry)],
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      write: false,
      logLevel: 'silent',
      plugins: [native],
      // Packages that are no modules ask for the native ones with it.
      banner: {
        js:
          "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    });
    writeFileSync(partial, result.outputFiles[0].contents);
    // Renaming is atomic: two starts at once both end with a whole file.
    renameSync(partial, target);
    removeOld(dirname(target));
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
