import { Buffer } from 'node:buffer';
import type { Answer } from '../http/exchange.ts';
import { judge } from '../http/send.ts';
import { permanentFailure } from '../permanent-failure.ts';
import { fieldsOf } from './fields.ts';

// Fields of the messages. Source: opentelemetry-proto, collector/metrics/v1; google.rpc.Status.
const PARTIAL_SUCCESS = 1;
const REJECTED = 1;
const ERROR_MESSAGE = 2;
const STATUS_MESSAGE = 2;

/** Statuses that a client may retry. Source: OTLP, "OTLP/HTTP Response"; a 500 is none of them. */
const RETRIED: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Checks that a receiver has accepted a request.
 *
 * @param sent number of the request's data points.
 * @param conceal masks secrets in what the receiver says.
 * @returns a warning of the receiver, if it has one.
 * @throws like `judge`; a permanent failure for data points that were rejected.
 */
export function judgeExport(answer: Answer, sent: number, conceal: (said: string) => string): string | undefined {
  const said = (text: string): string => conceal(text).slice(0, 500);
  const isProtobuf = /^application\/(x-)?protobuf/i.test(answer.type);
  if (answer.status >= 300 && isProtobuf) {
    const text = said(textIn(answer.body, STATUS_MESSAGE));
    judge({ ...answer, text }, 'an OTLP receiver', (status) => RETRIED.has(status));
  }
  judge(answer, 'an OTLP receiver', (status) => RETRIED.has(status));
  if (!isProtobuf) return undefined;
  const partial = fieldsOf(answer.body).get(PARTIAL_SUCCESS);
  if (!(partial instanceof Uint8Array)) return undefined;
  const rejected = fieldsOf(partial).get(REJECTED);
  const message = said(textIn(partial, ERROR_MESSAGE));
  if (typeof rejected !== 'number' || rejected <= 0) return message === '' ? undefined : message;
  throw permanentFailure(`${rejected} of ${sent} data points rejected${message === '' ? '' : `: ${message}`}`);
}

function textIn(message: Uint8Array, field: number): string {
  const bytes = fieldsOf(message).get(field);
  if (!(bytes instanceof Uint8Array)) return '';
  return Buffer.from(bytes)
    .toString()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}
