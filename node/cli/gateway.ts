import { messageOf } from '../../feeds/base/mod.ts';
import type { NexusNode } from '../daemon/mod.ts';
import type { Gateway } from '../gateway/mod.ts';
import { fileKeyBook, fileUsage } from '../keys/mod.ts';
import type { NodeLog } from './node_log.ts';

/** Opens the gateway of a node where its settings have one; the node carries its address then. */
export async function openGateway(node: NexusNode, log: NodeLog): Promise<Gateway | null> {
  const { home, settings } = node.options;
  const { http, httpOrigins, httpStreams, httpBodyBytes } = settings;
  if (http.value === null) return null;
  // Few nodes have one: the others need not read its modules.
  const { gatewayNode, listenAt, serveGateway } = await import('../gateway/mod.ts');
  const gateway = await serveGateway(gatewayNode(node), {
    ...listenAt(http.value),
    origins: httpOrigins.value,
    keys: fileKeyBook(home.paths.keys),
    usage: fileUsage(home.paths.usage, (thrown) => {
      log.say('error', 'gateway', `what keys have spent cannot be kept: ${messageOf(thrown)}`);
    }),
    limits: { streams: httpStreams.value, bodyBytes: httpBodyBytes.value },
    onRequest: (request) => log.request(request),
    onFault: (thrown) => log.say('error', 'gateway', `the gateway failed: ${messageOf(thrown)}`),
  });
  node.http = gateway.url;
  return gateway;
}
