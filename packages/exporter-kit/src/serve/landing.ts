import type { Collector } from '../collect/collector.ts';
import type { Exporter } from '../collect/exporter.ts';
import type { Answer } from './answer.ts';

const style = `
:root { color-scheme: light dark; --line: light-dark(#ddd, #444); --accent: light-dark(#b23c17, #ff8a65); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h1 small { font-weight: normal; opacity: .65; }
nav { margin: .75rem 0 2rem; display: flex; gap: 1.25rem; } a { color: var(--accent); }
h2 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
table { border-collapse: collapse; width: 100%; } td { border-top: 1px solid var(--line); padding: .3rem .75rem .3rem 0; vertical-align: top; }
td:nth-child(2) { opacity: .65; white-space: nowrap; } code { font-size: .875rem; white-space: nowrap; }
@media (max-width: 48rem) { code { white-space: normal; overflow-wrap: anywhere; } }
p { opacity: .65; margin: 0; }`;

/** The page at `/`: what this is, where to go, and what each collector measures. Nothing in it comes from a request. */
export async function landing(
  exporter: Exporter,
  collectors: readonly Collector[],
  metricsPath: string,
): Promise<Answer> {
  const { createHash } = await import('node:crypto');
  const styleHash = createHash('sha256').update(style).digest('base64');
  // Relative, because it may be mounted below a path it does not know.
  const sections = collectors.map(section);
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${html(exporter.title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${html(exporter.title)} <small>${html(exporter.version)}</small></h1>
<nav><a href=".${html(metricsPath)}">Metrics</a> <a href="./-/healthy">Health</a> <a href="./-/ready">Readiness</a></nav>
${sections.join('\n')}
</body>
</html>
`;
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
    body,
  };
}

function section(collector: Collector): string {
  const rows = Object.values(collector.metrics).map(
    ({ name, kind, help }) =>
      `<tr><td><code>${html(collector.prefix + name)}</code></td><td>${kind}</td><td>${html(help)}</td></tr>`,
  );
  const table = rows.length === 0 ? '' : `<table>${rows.join('')}</table>`;
  const dynamic = collector.families === 'dynamic' ? '<p>Families found when it runs.</p>' : '';
  return `<h2>${html(collector.name)}</h2>${table}${dynamic}`;
}

function html(text: string): string {
  const entities: { readonly [char: string]: string } = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (char) => entities[char]!);
}
