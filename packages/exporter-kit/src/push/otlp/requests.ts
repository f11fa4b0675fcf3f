import { promisify } from 'node:util';
import type { LazyFamily } from '../../collect/families.ts';
import { ProtobufWriter } from '../../encode/protobuf-writer.ts';
import { samplesOf, withoutGaugeHistograms } from '../../encode/samples.ts';
import type { Kind } from '../../metric/metric.ts';
import { slices } from '../../time/wait.ts';
import { USER_AGENT } from '../http/user-agent.ts';
import type { Delivery } from '../sink.ts';
import { writeAttributes, writePoint } from './messages.ts';
import { type Point, pointsOf } from './points.ts';

// Fields of the messages. Source: opentelemetry-proto, collector/metrics/v1, metrics/v1, resource/v1, common/v1.
const RESOURCE_METRICS = 1;
const RESOURCE = 1;
const SCOPE_METRICS = 2;
const ATTRIBUTES = 1;
const SCOPE = 1;
const METRICS = 2;
const NAME = 1;
const VERSION = 2;
const METRIC = { name: 1, description: 2, unit: 3, metadata: 12 };
const DATA: { readonly [T in Point['type']]: number } = {
  gauge: 5,
  sum: 7,
  counter: 7,
  histogram: 9,
  exponential: 10,
  summary: 11,
};
const POINTS = 1;
const TEMPORALITY = 2;
const IS_MONOTONIC = 3;
const CUMULATIVE = 2;

/** OTLP wants codes of UCUM; Prometheus and others write them out again. */
const UNITS: { readonly [unit: string]: string } = {
  ...{ seconds: 's', bytes: 'By', meters: 'm', grams: 'g', joules: 'J', volts: 'V', amperes: 'A' },
  ...{ celsius: 'Cel', hertz: 'Hz', ratio: '1', percent: '%' },
};

/** Kinds that OTLP has no type for. */
const UNTYPED: ReadonlySet<Kind> = new Set(['info', 'stateset', 'unknown']);

/** Size limits of one request. */
export interface RequestLimits {
  readonly maxPoints: number;
  /** Before compression; a longer point gets its own request. */
  readonly maxBytes: number;
}

/** One request's body. */
export interface Request {
  readonly points: number;
  readonly body: Uint8Array;
}

/** Most programs that could push to OTLP push elsewhere, and have no need of zlib. */
async function compress(body: Uint8Array): Promise<Uint8Array> {
  const { gzip } = await import('node:zlib');
  return promisify(gzip)(body);
}

/**
 * Encodes a delivery as requests, each with the job and its grouping as the resource. Yields to the event loop every few
 * milliseconds.
 *
 * @throws the signal's reason when it aborts.
 */
export async function requestsOf(
  { job, grouping, snapshot }: Delivery,
  options: RequestLimits & { readonly timeMs: number; readonly natives: boolean; readonly gzip: boolean },
  signal: AbortSignal,
): Promise<Request[]> {
  const { timeMs, maxPoints, maxBytes } = options;
  const around = envelope(job, grouping);
  const metrics = new ProtobufWriter();
  const requests: Request[] = [];
  let points = 0;
  const close = async (): Promise<void> => {
    const body = around(metrics.take());
    requests.push({ points, body: options.gzip ? await compress(body) : body });
    points = 0;
  };
  const slice = slices(signal);
  for (const family of familiesIn(snapshot, options.natives)) {
    let open: Open | undefined;
    for (const point of pointsOf(family)) {
      if (points === maxPoints || (points > 0 && metrics.length > maxBytes)) {
        open = finish(metrics, open);
        await close();
      }
      if (open !== undefined && open.type !== point.type) open = finish(metrics, open);
      open ??= begin(metrics, family, point.type);
      writePoint(metrics, POINTS, point, timeMs);
      points++;
      const turn = slice();
      if (turn !== undefined) await turn;
    }
    finish(metrics, open);
  }
  if (points > 0) await close();
  return requests;
}

/**
 * The families that OTLP has types for. It has none for gauge histograms, and its rules for Prometheus drop them; here each of
 * their classic series is a gauge.
 */
function* familiesIn(snapshot: Delivery['snapshot'], natives: boolean): Generator<LazyFamily, void, void> {
  for (const family of samplesOf(snapshot, { natives: natives ? 'instead' : 'none' }))
    if (family.kind !== 'gaugehistogram') yield family;
  for (const family of samplesOf(snapshot)) if (family.kind === 'gaugehistogram') yield* withoutGaugeHistograms(family);
}

/** A metric that is being written. */
interface Open {
  readonly type: Point['type'];
  readonly metric: number;
  readonly data: number;
}

function begin(to: ProtobufWriter, { name, kind, help, unit }: LazyFamily, type: Point['type']): Open {
  const metric = to.begin(METRICS);
  to.string(METRIC.name, name);
  if (help !== '') to.string(METRIC.description, help);
  if (unit !== '') to.string(METRIC.unit, UNITS[unit] ?? unit);
  if (UNTYPED.has(kind)) writeAttributes(to, METRIC.metadata, { 'prometheus.type': kind });
  return { type, metric, data: to.begin(DATA[type]) };
}

function finish(to: ProtobufWriter, open: Open | undefined): undefined {
  if (open === undefined) return;
  if (open.type !== 'gauge' && open.type !== 'summary') to.integer(TEMPORALITY, CUMULATIVE);
  if (open.type === 'counter') to.integer(IS_MONOTONIC, 1);
  to.end(open.data);
  to.end(open.metric);
}

/** Puts metrics into a request, with the resource that they are of and the scope that has made them. */
function envelope(
  job: string,
  { instance = '', ...others }: Delivery['grouping'],
): (metrics: Uint8Array) => Uint8Array {
  const [kit = '', version = ''] = USER_AGENT.split('/');
  return (metrics) => {
    const to = new ProtobufWriter(metrics.length + 1024);
    const all = to.begin(RESOURCE_METRICS);
    const resource = to.begin(RESOURCE);
    writeAttributes(to, ATTRIBUTES, { 'service.name': job, 'service.instance.id': instance, ...others });
    to.end(resource);
    const scoped = to.begin(SCOPE_METRICS);
    const scope = to.begin(SCOPE);
    to.string(NAME, kit);
    to.string(VERSION, version);
    to.end(scope);
    to.raw(metrics);
    to.end(scoped);
    to.end(all);
    return to.take();
  };
}
