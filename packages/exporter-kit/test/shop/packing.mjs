import { context, propagation, trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { shop } from './metrics.mjs';

new NodeTracerProvider().register();
const tracer = trace.getTracer('shop');

/** Packs an order, as part of the trace that it came with. */
export function pack({ headers }) {
  return context.with(propagation.extract(context.active(), headers), () =>
    tracer.startActiveSpan('pack', async (span) => {
      await shop.packing.time(async () => {
        await new Promise(setImmediate);
      });
      span.end();
    }),
  );
}
