/**
 * The flag that permits a Deno process these paths. Its list cannot carry a comma: where a path has
 * one, the permission is given whole.
 */
export function allowPaths(
  what: 'read' | 'write' | 'run' | 'ffi',
  paths: readonly string[],
): string {
  const flag = `--allow-${what}`;
  return paths.some((path) => path.includes(',')) ? flag : `${flag}=${paths.join(',')}`;
}

/** The `node_modules` folder that holds a package's file, and what the package needs beside it. */
export function packagesFolder(file: string): string {
  const marker = 'node_modules';
  return file.slice(0, file.indexOf(marker) + marker.length);
}
