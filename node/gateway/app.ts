import { type Context, Hono } from 'hono';
import { admitted, challengeOf } from './admission.ts';
import { Call } from './call.ts';
import type { Desk } from './desk.ts';
import { answers, type Env } from './endpoint.ts';
import { ApiError, apiError } from './errors.ts';
import { CHAT, COMPLETION } from './format.ts';
import { authenticate } from './keys.ts';
import { findModel, modelJson } from './models.ts';
import { checkHost, checkOrigin, corsHeaders, preflightHeaders } from './origin.ts';
import { parseChat, parseCompletion } from './prompts.ts';

/** Paths as figures name them, a longer path by its beginning. */
const ROUTES = [
  '/health',
  '/ready',
  '/metrics',
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/models',
  '/v1/receipts',
  '/v1/admission',
];
const POSTED = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/admission',
  '/v1/admission/challenge',
];
/** Parts of OpenAI's API that are not here. */
const ABSENT = 'assistants|audio|batches|containers|conversations|embeddings|evals|files|' +
  'fine_tuning|images|moderations|organization|realtime|responses|threads|uploads|vector_stores|videos';
const JOB_ID = /^[0-9a-f]{64}$/;

/** The gateway's HTTP interface: a function from requests to responses. */
export function gatewayApp(desk: Desk): Hono<Env> {
  const { node, metrics } = desk;
  const app = new Hono<Env>();
  app.onError((thrown, c) => failure(thrown, c, desk));
  app.notFound((c) => {
    throw new ApiError(404, 'not_found', `there is no ${c.req.method} ${c.req.path.slice(0, 80)}`);
  });
  app.use((c, next) => guarded(c, next, desk));

  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.get('/ready', (c) => {
    const { ready, detail } = node.readiness();
    return c.json({ ready, detail }, ready ? 200 : 503);
  });

  const keyed = async (c: Context<Env>, next: () => Promise<void>) => {
    const key = await authenticate(c.req.raw.headers, desk.options.keys, desk.open, Date.now());
    c.set('key', key);
    c.get('call').log.key = key?.id ?? null;
    await next();
  };
  app.use('/metrics', keyed);
  // Who applies for a key has none.
  app.post('/v1/admission/challenge', (c) => challengeOf(c, desk));
  app.post('/v1/admission', (c) => admitted(c, desk));
  app.use('/v1/*', keyed);

  app.get('/metrics', async (c) => {
    const { type, text } = await metrics.text();
    return c.body(text, 200, { 'content-type': type });
  });
  app.post('/v1/chat/completions', answers(desk, parseChat, CHAT));
  app.post('/v1/completions', answers(desk, parseCompletion, COMPLETION));
  app.get('/v1/models', async (c) => {
    const models = await node.models();
    return c.json({ object: 'list', data: models.map((m) => modelJson(m, desk.started)) });
  });
  app.get('/v1/models/:id{.+}', async (c) => {
    const model = findModel(await node.models(), c.req.param('id'));
    return c.json(modelJson(model, desk.started));
  });
  app.get('/v1/receipts/:id', async (c) => {
    const id = c.req.param('id');
    const owned = JOB_ID.test(id) && desk.owners.owns(id, c.get('key')?.id ?? null);
    const file = owned ? await node.receipt(id) : null;
    if (file === null) throw new ApiError(404, 'receipt_not_found', 'there is no such receipt');
    return c.body(new Uint8Array(file), 200, { 'content-type': 'application/json' });
  });

  for (const path of POSTED) {
    app.all(path, wrongMethod('POST'));
  }
  for (const path of ['/health', '/ready', '/metrics', '/v1/models', '/v1/models/*']) {
    app.all(path, wrongMethod('GET'));
  }
  app.all('/v1/receipts/:id', wrongMethod('GET'));
  app.all(`/v1/:part{${ABSENT}}/*`, absent);
  return app;
}

async function guarded(
  c: Context<Env>,
  next: () => Promise<void>,
  desk: Desk,
): Promise<void> {
  const { method, path, raw: { headers } } = c.req;
  const call = new Call(method, path, routeOf(path), desk.calls);
  c.set('call', call);
  let origin: string | null = null;
  try {
    if (desk.loopback) checkHost(headers);
    origin = checkOrigin(headers, desk.options.origins);
    const preflight = method === 'OPTIONS' && headers.has('access-control-request-method');
    if (preflight) c.res = new Response(null, { status: 204, headers: preflightHeaders(headers) });
    else await next();
  } catch (thrown) {
    c.res = failure(thrown, c, desk);
  }
  const extra = {
    ...(origin === null ? {} : corsHeaders(origin)),
    ...call.headers,
    'x-request-id': call.id,
  };
  for (const [name, value] of Object.entries(extra)) c.res.headers.set(name, value);
  call.log.status = c.res.status;
  if (call.lasts === null) call.end();
  else call.lasts.then(() => call.end());
}

function failure(thrown: unknown, c: Context<Env>, desk: Desk): Response {
  const error = apiError(thrown);
  if (error.status === 500) desk.options.onFault?.(thrown);
  c.get('call').failed(error.code);
  return Response.json(error.body(), { status: error.status, headers: error.headers });
}

function routeOf(path: string): string {
  return ROUTES.find((route) => path === route || path.startsWith(`${route}/`)) ?? 'other';
}

function wrongMethod(allow: string) {
  return (c: Context<Env>): never => {
    throw new ApiError(405, 'method_not_allowed', `${c.req.method} is not allowed here`, {
      headers: { allow },
    });
  };
}

function absent(c: Context<Env>): never {
  const part = c.req.path.split('/').slice(0, 3).join('/');
  throw new ApiError(404, 'unsupported_endpoint', `${part} is not supported by this gateway`);
}
