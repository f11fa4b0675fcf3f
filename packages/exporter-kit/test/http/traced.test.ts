import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { getRequestListener } from '@hono/node-server';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { httpClient, httpServer } from '../../src/http/index.ts';
import { type Collector, exporter, fetchHandler } from '../../src/index.ts';
import { scraper } from '../get.ts';
import { expectCounted, listening, send } from './serving.ts';

const instrumentation = new HttpInstrumentation();
const spans = new InMemorySpanExporter();

beforeAll(() => {
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).register();
  // It patches node:http when something requires that.
  createRequire(import.meta.url)('node:http');
});
afterEach(() => spans.reset());
afterAll(() => {
  instrumentation.disable();
  trace.disable();
  context.disable();
});

/** The exemplars of a collector's durations in OpenMetrics: `trace span`, by route or host. */
async function exemplarsOf(collector: Collector): Promise<{ readonly [label: string]: string }> {
  const handler = fetchHandler(exporter({ name: 'test_exporter', collectors: [collector] }));
  const response = await handler(new Request('http://test/metrics', { headers: { accept: scraper.accept } }));
  const found = (await response.text()).matchAll(
    /_bucket\{.*(?:route|host)="(.*?)".*\} 1 # \{trace_id="(.*?)",span_id="(.*?)"\} \S+ \S+$/gm,
  );
  return Object.fromEntries(Array.from(found, ([, label, traceId, spanId]) => [label, `${traceId} ${spanId}`]));
}

const idsOf = (span: ReadableSpan): string => `${span.spanContext().traceId} ${span.spanContext().spanId}`;
const serverSpans = (): readonly string[] =>
  spans
    .getFinishedSpans()
    .filter(({ kind }) => kind === SpanKind.SERVER)
    .map(idsOf);

// Answered from here, outside of any request's span.
const waiting: (() => void)[] = [];
const answering = setInterval(() => {
  for (const answer of waiting.splice(0)) answer();
}, 2);
afterAll(() => clearInterval(answering));

describe('exemplars of requests, with the real instrumentation of OpenTelemetry', () => {
  it.each([
    [
      'node:http',
      (http: ReturnType<typeof httpServer>) =>
        http.node((_request, response) => void waiting.push(() => response.end('ok')), { route: () => '/carts/:id' }),
    ],
    [
      'Express',
      (http: ReturnType<typeof httpServer>) => {
        const app = express();
        app.use(http.express());
        app.get('/carts/:id', (_request, response) => void waiting.push(() => response.send('ok')));
        return app;
      },
    ],
    [
      'Fastify',
      async (http: ReturnType<typeof httpServer>) => {
        const app = fastify();
        app.addHook('onRequest', http.fastify());
        app.get('/carts/:id', (_request, reply) => void waiting.push(() => reply.send('ok')));
        await app.ready();
        return (request: IncomingMessage, response: ServerResponse) => app.routing(request, response);
      },
    ],
    [
      'Hono',
      (http: ReturnType<typeof httpServer>) => {
        const app = new Hono();
        app.use(http.hono());
        app.get('/carts/:id', async ({ text }) => {
          await new Promise<void>((resolve) => waiting.push(resolve));
          return text('ok');
        });
        return getRequestListener(app.fetch);
      },
    ],
  ])('are the span of the request: %s', async (_, made) => {
    const http = httpServer();
    const url = await listening(createServer(await made(http)));
    await exemplarsOf(http.collector);
    expect(await send(url, '/carts/7')).toBe('200 ok');
    await expectCounted(http, { 'GET /carts/:id 200': 1 });
    await expect.poll(serverSpans).toHaveLength(1);
    expect(await exemplarsOf(http.collector)).toEqual({ '/carts/:id': serverSpans()[0] });
  });

  it('are none if the request is not sampled, or if they are turned off', async () => {
    const off = httpServer({ span: false });
    const url = await listening(createServer(off.node((_request, response) => response.end('ok'))));
    await send(url, '/');
    await expectCounted(off, { 'GET none 200': 1 });
    expect(await exemplarsOf(off.collector)).toEqual({});

    trace.disable();
    new NodeTracerProvider({ sampler: new AlwaysOffSampler() }).register();
    instrumentation.setTracerProvider(trace.getTracerProvider());
    const unsampled = httpServer();
    const other = await listening(createServer(unsampled.node((_request, response) => response.end('ok'))));
    await send(other, '/');
    await expectCounted(unsampled, { 'GET none 200': 1 });
    expect(await exemplarsOf(unsampled.collector)).toEqual({});
  });
});

it('calls of fetch have the span in which they are made', async () => {
  trace.disable();
  new NodeTracerProvider().register();
  const outgoing = httpClient();
  const stop = outgoing.start();
  const url = await listening(createServer((_request, response) => response.end('ok')));
  await exemplarsOf(outgoing.collector);
  const ids = await trace.getTracer('test').startActiveSpan('call', async (span) => {
    const { traceId, spanId } = span.spanContext();
    await (await fetch(url)).text();
    span.end();
    return `${traceId} ${spanId}`;
  });
  await expect.poll(() => exemplarsOf(outgoing.collector)).toEqual({ [new URL(url).host]: ids });
  stop();
});
