import type { HttpResponse } from './http-message.ts';

const style = `
:root { color-scheme: light dark; --line: light-dark(#ddd, #444); --accent: light-dark(#b23c17, #ff8a65); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h1 small { font-weight: normal; opacity: .65; }
nav { margin: .75rem 0 2rem; display: flex; gap: 1.25rem; } a { color: var(--accent); }
h2 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
table { border-collapse: collapse; width: 100%; } td { border-top: 1px solid var(--line); padding: .3rem .75rem .3rem 0; vertical-align: top; }
td:nth-child(2) { opacity: .65; white-space: nowrap; } code { font-size: .875rem; white-space: nowrap; }
@media (max-width: 48rem) { code { white-space: normal; overflow-wrap: anywhere; } }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .25rem 0; font-size: .875rem; }
p { opacity: .65; margin: 0; }`;

/**
 * An HTML page without scripts or external resources.
 *
 * @param title plain text
 * @param body HTML; escape everything that is not a constant with {@link html}
 */
export async function page(title: string, body: string): Promise<HttpResponse> {
  const { createHash } = await import('node:crypto');
  const styleHash = createHash('sha256').update(style).digest('base64');
  const text = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${html(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(Buffer.byteLength(text)),
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
    body: text,
  };
}

/** Escapes text for HTML. */
export function html(text: string): string {
  const entities: { readonly [char: string]: string } = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (char) => entities[char]!);
}
