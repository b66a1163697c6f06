/**
 * The feeds service: a Node process that serves one Deno process over a Unix socket.
 * @module
 */
import { messageOf, NexusError } from '../base/mod.ts';
import { api } from './api.ts';
import { Archive } from './archive.ts';
import { serveParent } from './parent.ts';
import { Service } from './service.ts';
import { Fields } from '../wire/mod.ts';

let service: Service | null = null;
let archive: Archive | null = null;
let closing: Promise<void> | null = null;

const parent = serveParent(
  async (method, args, signal) => {
    if (method === 'start') return await start(new Fields(args));
    if (method === 'open-archive') return await open(new Fields(args));
    if (method === 'close') return await close();
    if (archive !== null) return await archive.call(method, args);
    if (service === null || closing !== null) {
      throw new NexusError('FEEDS_CLOSED', 'the feeds service is not open');
    }
    return await api(service, method, args, signal);
  },
  {
    event: (name, value) => {
      if (service === null) return;
      const fields = new Fields(value);
      if (name === 'close') service.channels.close(fields.number('ch'));
    },
    data: (ch, message) => service?.channels.send(ch, message),
    credit: (ch, messages, bytes) => service?.channels.credit(ch, messages, bytes),
  },
  close,
);

async function start(fields: Fields): Promise<unknown> {
  const options = {
    home: fields.text('home'),
    seed: fields.bytes('seed', 32),
    quotaBytes: fields.number('quotaBytes'),
    ...(fields.has('host') ? { host: fields.text('host', 64) } : {}),
    ...(fields.has('port') ? { port: fields.number('port', 0, 65535) } : {}),
    ...(fields.has('bootstrap')
      ? { bootstrap: fields.raw('bootstrap') as { host: string; port: number }[] }
      : {}),
  };
  service = await Service.open(options, parent.link());
  return { identity: service.identity };
}

/** Reads a store and does nothing else. */
async function open(fields: Fields): Promise<null> {
  archive = await Archive.open(fields.text('folder'));
  return null;
}

function close(): Promise<void> {
  return closing ??= Promise.resolve((service ?? archive)?.close()).catch((error) => {
    console.error(`closing: ${messageOf(error)}`);
  });
}
