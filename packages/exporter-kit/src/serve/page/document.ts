import { Buffer } from 'node:buffer';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { acceptsGzip } from '../../encode/negotiate.ts';
import type { HttpRequest, HttpResponse } from '../answer/http-message.ts';
import type { Subject } from '../lazy-pages.ts';
import { assetVersion } from './assets.ts';
import { type Content, html, type Markup } from './markup.ts';

/** A page below the exporter's own path. */
export interface PageContent {
  /** Plain text. */
  readonly title: string;
  /** From this page to the exporter's root. Relative, since a server may mount it below a path of its own. */
  readonly root: './' | '../' | '../../';
  /** Which link of the navigation it is. */
  readonly here: string;
  readonly body: Content;
  readonly status?: number;
  /** What a script fetches to bring the page up to date; absent if it never changes. Relative to the page. */
  readonly refresh?: string;
}

const zipped = promisify(gzip);

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
  "base-uri 'none'; frame-ancestors 'none'";

/** The page as a response, compressed if the client accepts that. */
export async function documentResponse(
  page: PageContent,
  subject: Subject,
  request: HttpRequest,
): Promise<HttpResponse> {
  const plain = Buffer.from(documentText(page, subject, await assetVersion()));
  const response = await compressed(plain, request, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  });
  return { ...response, status: page.status ?? 200 };
}

/** Bytes as a response with status 200, compressed if the client accepts that. */
export async function compressed(
  plain: Buffer,
  request: HttpRequest,
  headers: HttpResponse['headers'],
): Promise<HttpResponse> {
  const isZipped = plain.length > 2048 && acceptsGzip(request.header('accept-encoding'));
  const body = isZipped ? await zipped(plain, { level: 5 }) : plain;
  return {
    status: 200,
    headers: {
      ...headers,
      'content-length': String(body.length),
      ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
      vary: 'Accept-Encoding',
    },
    body: [body],
  };
}

function documentText({ title, root, here, body, refresh }: PageContent, subject: Subject, version: string): string {
  const { exporter } = subject.gatherer;
  const whole = title === exporter.title ? title : `${title} · ${exporter.title}`;
  return `<!doctype html>
${
  html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${whole}</title>
<link rel="icon" href="${root}-/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${root}-/page/style.css?v=${version}">
<script src="${root}-/page/script.js?v=${version}" type="module"></script>
</head>
<body${refresh !== undefined && html` data-refresh="${refresh}"`}>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
<a class="brand" href="${root}"><img src="${root}-/page/icon.svg" alt="" width="28" height="28"><span>${exporter.title} <small>${exporter.version}</small></span></a>
<nav aria-label="Pages">${links(subject).map(([name, to]) => link(name, to, root, here))}</nav>
</header>
<main id="main">
${body}
</main>
<footer><p id="connection" role="status"></p><p>${exporter.name} ${exporter.version} · Node ${process.version}</p></footer>
</body>
</html>
`.text
}`;
}

function links({ path, probes }: Subject): [name: string, to: string][] {
  return [
    ['Overview', ''],
    ...(probes === undefined ? [] : [['Probes', '-/probes'] as [string, string]]),
    ['Metrics', path.replace(/^\//, '')],
    ['Views', '-/views/'],
    ['Status', '-/status.json'],
  ];
}

const link = (name: string, to: string, root: string, here: string): Markup =>
  html`<a href="${root}${to}"${name === here && html` aria-current="page"`}>${name}</a>`;

/** A chart for scripts to draw; a reader without them has what stands beside it. */
export interface ChartData {
  /** In milliseconds since the epoch. */
  readonly at: readonly number[];
  readonly values: readonly number[];
  readonly unit: string;
}

/** A small chart without axes. */
export function sparkline({ at, values, unit }: ChartData): Markup {
  return html`<span class="spark" aria-hidden="true" data-unit="${unit}" data-at="${timesText(at)}" data-values="${values.map(numberText).join(' ')}"></span>`;
}

/** Times as seconds: the first one, and what each adds. */
export const timesText = (at: readonly number[]): string =>
  at.map((ms, i) => ((ms - (i === 0 ? 0 : at[i - 1]!)) / 1000).toFixed(1)).join(' ');

export const numberText = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(6))) : '';
