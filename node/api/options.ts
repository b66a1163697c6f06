import { NexusError } from '../../feeds/base/mod.ts';
import type { NodeOptions, Role } from '../daemon/mod.ts';
import { DEFAULT_TEMPERATURE, parseRunRequest, type RunRequest } from '../control/mod.ts';
import type { Where } from '../home/mod.ts';
import { loadNetwork } from '../network/mod.ts';
import { type Context, openContext } from '../session/mod.ts';

/** Where a node keeps its things, and how it finds others. What is left out is as for the CLI. */
export interface HomeOptions {
  /** Folder of identity, logs, models; default `$NEXUS_HOME`, else the user's data folder. */
  home?: string;
  /** Name of a stored network, or path of a network file; default `$NEXUS_NETWORK`, else `main`. */
  network?: string;
  /** IP address to bind to; `127.0.0.1` stays on this machine. */
  host?: string;
  /** DHT nodes to begin with, `host:port`; default those of the network. */
  bootstrap?: string[];
  /** Threads of the engine; calibrated if left out. */
  threads?: number;
}

/** How an answer is to be made. */
export interface PromptOptions {
  /** Name or id of a model; default `$NEXUS_MODEL`, else what is served, else `smollm2-135m`. */
  model?: string;
  /** System prompt, in front of the messages. */
  system?: string;
  /** 0 is greedy; default 0.7. */
  temperature?: number;
  /** Nucleus, 0 to 1; 1 is off and the default. */
  topP?: number;
  /** Tokens of the answer at most; default 512. */
  maxTokens?: number;
  /** Up to 64 hexadecimal digits; the same seed gives the same answer on every node of a class. */
  seed?: string;
  /** The answer ends before any of these. */
  stops?: string[];
  /** `local` (default), `mesh`, or `any`: the mesh first, and here if nobody answers. */
  where?: Where;
  /** Key (hex) of the executor to be asked first. */
  executor?: string;
  /** micro-NCU a token at most. */
  priceCap?: number;
  /** Id (hex) of the job that this one continues. */
  parent?: string;
  /** Whether the receipt holds prompt and answer in clear; default `with text`. */
  receipt?: 'with text' | 'without text';
  /** Has the answer checked at once by a node that is drawn at random; `verdict` says what it finds. */
  verify?: boolean;
  /** Cancels; the iteration then throws the signal's reason. */
  signal?: AbortSignal;
}

/** One message of a conversation. */
export type Message = RunRequest['messages'][number];

/** Settings of a home, with what is given here in front. */
export async function contextOf(options: HomeOptions & { where?: Where }): Promise<Context> {
  const { home, network, host, bootstrap, threads, where } = options;
  return await openContext({ home, network, host, bootstrap, threads, where });
}

/** Completes the options of a node. */
export async function nodeOptionsOf(
  { home, settings }: Context,
  wish: { roles: readonly Role[]; models: readonly string[]; mesh: boolean; announce: boolean },
): Promise<NodeOptions> {
  const network = await loadNetwork(home.paths, settings.network.value);
  const nodeBinary = Deno.env.get('NEXUS_NODE');
  return {
    home,
    settings,
    network,
    ...wish,
    roles: new Set(wish.roles),
    ...(nodeBinary ? { nodeBinary } : {}),
  };
}

/**
 * A prompt and its options as a node takes them.
 * @throws {NexusError} `BAD_REQUEST` naming the field
 */
export function requestOf(
  prompt: string | readonly Message[],
  options: PromptOptions,
): RunRequest {
  const asked = typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;
  const { system, stops = [], temperature = DEFAULT_TEMPERATURE, signal: _, ...rest } = options;
  if (system !== undefined && typeof system !== 'string') {
    throw new NexusError('BAD_REQUEST', 'system must be a text', { hint: 'correct system' });
  }
  const before = system === undefined ? [] : [{ role: 'system', content: system }];
  return parseRunRequest({ ...rest, temperature, stops, messages: [...before, ...asked] });
}
