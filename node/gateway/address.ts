import { NexusError } from '../../feeds/base/mod.ts';

/** Where to listen. */
export interface Listen {
  hostname: string;
  port: number;
}

/**
 * Reads `host:port`; an IPv6 address stands in brackets.
 * @throws {NexusError} `SETTING_INVALID`
 */
export function listenAt(text: string): Listen {
  const [, host = '', port = ''] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(text) ??
    [];
  if (host === '' || Number(port) > 65_535) {
    throw new NexusError('SETTING_INVALID', 'http must be host:port, such as 127.0.0.1:8040', {
      hint: 'correct --http',
    });
  }
  return { hostname: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}
