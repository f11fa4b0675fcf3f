import type { ExemplarLabels } from '../../collect/store/exemplar.ts';

/** What identifies an OpenTelemetry span, as its `spanContext()` returns it. */
export interface SpanContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Bit 0: the span is sampled, so that there is a trace to be found. */
  readonly traceFlags: number;
}

/** Returns the active span; `undefined` if there is none. */
export type SpanSource = () => SpanContext | undefined;

/** As far as it is used here. */
interface Context {
  getValue(key: symbol): { spanContext(): SpanContext } | undefined;
}
interface Api {
  readonly context?: { active(): Context };
}

// Under these symbols, copies of the API 1.x find each other.
const API = Symbol.for('opentelemetry.js.api.1');
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');

/** The active span of OpenTelemetry, if the process has it by now. */
export function openTelemetry(): SpanSource | undefined {
  const api = (globalThis as { [API]?: Api })[API];
  return api?.context === undefined ? undefined : () => api.context?.active().getValue(SPAN)?.spanContext();
}

const validTraceId = /^(?!0{32})[0-9a-f]{32}$/;
const validSpanId = /^(?!0{16})[0-9a-f]{16}$/;

/** @throws TypeError if the span has no valid ids. */
export function spanLabels({ traceId, spanId }: SpanContext): ExemplarLabels {
  if (typeof traceId !== 'string' || !validTraceId.test(traceId))
    throw new TypeError('the active span has an invalid traceId');
  if (typeof spanId !== 'string' || !validSpanId.test(spanId))
    throw new TypeError('the active span has an invalid spanId');
  return { trace_id: traceId, span_id: spanId };
}

/** A span that was active when a timer was started, in place of an exemplar's labels. */
export class StartedIn {
  readonly span: SpanContext;

  constructor(span: SpanContext) {
    this.span = span;
  }
}
