import { Buffer } from 'node:buffer';
import { parseDuration } from '../../time/duration.ts';
import { type Fields, fieldsOf, type Source, shown } from './fields.ts';
import { readTls } from './read-tls.ts';
import type { WebSettings } from './settings.ts';

const allowedHeaders: { readonly [name: string]: readonly string[] } = {
  'Content-Security-Policy': [],
  'Strict-Transport-Security': [],
  'X-Content-Type-Options': ['nosniff'],
  'X-Frame-Options': ['deny', 'sameorigin'],
  'X-XSS-Protection': [],
};

/**
 * Validates a web configuration. Resolves file names against `folder`, but reads no files.
 *
 * @throws Error of one line with the position and the problem, but no secrets.
 */
export function readSettings(value: unknown, source: Source, folder: string): WebSettings {
  const all = fieldsOf(
    value ?? {},
    [
      'tls_server_config',
      'http_server_config',
      'basic_auth_users',
      'rate_limit',
      'bearer_tokens',
      'open_paths',
      'realm',
    ],
    source,
  );
  const warnings: string[] = [];
  const http = all.within('http_server_config', ['http2', 'headers']);
  const http2 = http?.flag('http2') ?? false;
  const realm = all.text('realm');
  if (realm !== undefined && !/^[\x20\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(realm)) {
    throw all.fault('realm', `must be 1 to 100 printable ASCII characters, without " and \\, not ${shown(realm)}.`);
  }
  return {
    tls: readTls(all, folder, http2, warnings),
    http2,
    headers: http === undefined ? {} : headersOf(http),
    users: usersOf(all),
    tokens: tokensOf(all),
    rateLimit: rateLimitOf(all),
    openPaths: openPathsOf(all),
    realm,
    warnings,
  };
}

function headersOf(http: Fields): WebSettings['headers'] {
  const headers = http.within('headers', Object.keys(allowedHeaders));
  const found: Record<string, string> = {};
  for (const [name, allowed] of Object.entries(allowedHeaders)) {
    const value = headers?.text(name);
    // As in Go, empty means unset, except where only certain values are allowed.
    if (headers === undefined || value === undefined || (value === '' && allowed.length === 0)) continue;
    if (allowed.length > 0 && !allowed.includes(value))
      throw headers.fault(name, `must be ${allowed.join(' or ')}, not ${shown(value)}.`);
    if (!/^[\x20-\x7e]*$/.test(value))
      throw headers.fault(name, `must be printable ASCII characters on one line, not ${shown(value)}.`);
    found[name.toLowerCase()] = value;
  }
  return found;
}

const BCRYPT = /^\$2[abxy]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

function usersOf(all: Fields): WebSettings['users'] {
  const users = all.named('basic_auth_users');
  for (const [user, hash] of users) {
    const at = ['basic_auth_users', user] as const;
    if (user.includes(':')) throw all.fault(at, 'a user name with a colon cannot log in; remove the colon.');
    if (!BCRYPT.test(hash)) {
      throw all.fault(at, 'is not a bcrypt hash; make one with: htpasswd -nBC 10 "" | tr -d \':\\n\'');
    }
  }
  return users;
}

function tokensOf(all: Fields): WebSettings['tokens'] {
  return [...all.named('bearer_tokens')].map(([name, digest]) => {
    if (!/^[0-9a-fA-F]{64}$/.test(digest)) {
      const how = 'printf %s "$TOKEN" | sha256sum';
      throw all.fault(['bearer_tokens', name], `must be the SHA-256 of the token, 64 hex digits; make it with: ${how}`);
    }
    return Buffer.from(digest, 'hex');
  });
}

function rateLimitOf(all: Fields): WebSettings['rateLimit'] {
  const limit = all.within('rate_limit', ['interval', 'burst']);
  const interval = limit?.text('interval');
  const burst = limit?.count('burst') ?? 0;
  if (limit === undefined || interval === undefined) return undefined;
  const intervalMs = durationOf(interval);
  if (intervalMs === undefined)
    throw limit.fault('interval', `is not a duration; write 15s, 1m30s or 500ms, not ${shown(interval)}.`);
  if (intervalMs === 0) return undefined;
  if (burst === 0) throw limit.fault('burst', 'must be 1 or more: with 0, every request would be rejected.');
  return { intervalMs, burst };
}

/** To milliseconds, from Prometheus' notation or Go's (`1.5s`, `250us`, nanoseconds without a unit). */
function durationOf(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) / 1e6;
  try {
    return parseDuration(text);
  } catch {
    if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
    const units: { readonly [unit: string]: number } = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 36e5 };
    const parts = text.matchAll(/([\d.]+)([a-zµ]+)/g);
    return [...parts].reduce((sum, [, number, unit]) => sum + Number(number) * units[unit!]!, 0);
  }
}

function openPathsOf(all: Fields): WebSettings['openPaths'] {
  const paths = all.texts('open_paths') ?? ['/-/healthy', '/-/ready'];
  const wrong = paths.findIndex((path) => !path.startsWith('/'));
  if (wrong >= 0)
    throw all.fault(['open_paths', wrong], `must be a path, such as /-/ready, not ${shown(paths[wrong])}.`);
  return new Set(paths);
}
