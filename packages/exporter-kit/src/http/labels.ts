/** Methods that are named in labels; all others are `other`, as clients can invent them. */
export type Method =
  | 'GET'
  | 'HEAD'
  | 'POST'
  | 'PUT'
  | 'PATCH'
  | 'DELETE'
  | 'OPTIONS'
  | 'CONNECT'
  | 'TRACE'
  | 'QUERY'
  | 'other';

export const methods: readonly Method[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'QUERY',
  'other',
];

const known: ReadonlySet<unknown> = new Set(methods);

export const methodLabel = (method: unknown): Method => (known.has(method) ? (method as Method) : 'other');

/** OpenTelemetry's for HTTP, in seconds. */
export const buckets: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
