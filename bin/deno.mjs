// deno-lint-ignore-file no-process-global
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * The Deno binary of the npm package. It lies in a package of its own for each system, so that it is
 * there even where install scripts were not allowed to run.
 * @returns {string} path
 * @throws {Error} that tells what to do
 */
export function findDeno() {
  const { platform, arch, env } = process;
  if (env.NEXUS_DENO) return env.NEXUS_DENO;
  const name = platform === 'win32' ? 'deno.exe' : 'deno';
  const system = platform === 'linux' ? `linux-${arch}-glibc` : `${platform}-${arch}`;
  const require = createRequire(import.meta.url);
  for (const id of [`@deno/${system}`, 'deno']) {
    try {
      const file = join(require.resolve(`${id}/package.json`), '..', name);
      if (existsSync(file)) return file;
    } catch {
      // Not installed: the other place may be.
    }
  }
  throw new Error(
    `there is no Deno for ${system} in node_modules\n` +
      '  hint: run npm ci in the folder of nexus, without --omit=optional; ' +
      'or set NEXUS_DENO to a Deno binary',
  );
}

/** True where the C library is musl, for which Deno's package has no binary. */
export function isMusl() {
  if (process.platform !== 'linux') return false;
  const report = process.report?.getReport();
  const header = typeof report === 'string' ? JSON.parse(report).header : report?.header;
  return header !== undefined && header.glibcVersionRuntime === undefined;
}
