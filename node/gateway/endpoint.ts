import type { Context } from 'hono';
import { Answering } from './answering.ts';
import { readBody } from './body.ts';
import type { Call } from './call.ts';
import type { Desk } from './desk.ts';
import { ApiError } from './errors.ts';
import type { Format } from './format.ts';
import { findModel } from './models.ts';
import type { Body } from './params.ts';
import type { Asked } from './prompts.ts';
import type { ApiKey } from './types.ts';

/** What Hono hands from one part to the next. */
export interface Env {
  Bindings: {
    /** Aborts when the client has left. */
    gone?: AbortSignal;
  };
  Variables: { call: Call; key: ApiKey | null };
}

const encoder = new TextEncoder();

/** An endpoint that answers prompts. */
export function answers(desk: Desk, parse: (body: Body) => Asked, format: Format) {
  return async (c: Context<Env>): Promise<Response> => {
    const call = c.get('call'), key = c.get('key');
    call.holds(desk.enter());
    if (key !== null) call.granted(desk.rates.enter(key));
    const body = await readBody(c.req.raw, desk.limits.bodyBytes, desk.budget);
    const asked = parse(body);
    call.log.model = asked.model;
    const model = findModel(await desk.node.models(), asked.model);
    if (key !== null) {
      const quotes = asked.runs.map((run) => desk.node.quote(run, model));
      call.pays(desk.spending.enter(key, quotes));
    }
    const left = c.env?.gone;
    const ending = desk.ending.signal;
    const gone = left === undefined ? ending : AbortSignal.any([left, ending]);
    const { turns } = desk;
    const own = (job: string) => {
      if (key !== null) desk.owners.add(job, key.id);
    };
    const parts = { format, call, turns, gone, own, now: Date.now };
    const answering = new Answering(desk.node, model, asked, parts);
    try {
      const response = asked.stream
        ? await streamed(answering, call, desk.limits.headMs)
        : Response.json(await answering.whole());
      const { job } = answering;
      if (job !== null) response.headers.set('x-nexus-receipt', job);
      return response;
    } catch (thrown) {
      if (left?.aborted) throw new ApiError(499, 'client_left', 'the client has left');
      throw thrown;
    } finally {
      // The jobs may go on for a moment: what they take counts until they have ended.
      call.lasts = answering.settled;
    }
  };
}

async function streamed(answering: Answering, call: Call, headMs: number): Promise<Response> {
  await answering.begin(headMs);
  const pieces = answering.stream();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel(reason) {
      call.failed(typeof reason === 'string' ? reason : 'client_left');
      answering.stop();
    },
  }, { highWaterMark: 0 });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    },
  });
}
