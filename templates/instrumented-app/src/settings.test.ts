import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { flags, settingsOf, variableOf } from './settings.ts';

it('takes flags, then the environment, then defaults', () => {
  expect(settingsOf([], {})).toEqual({ host: '0.0.0.0', port: 8080, address: ':19997' });
  const env = { ACME_WIDGET_APP_PORT: '81', ACME_WIDGET_APP_WEB_LISTEN_ADDRESS: '127.0.0.1:1' };
  expect(settingsOf([], env)).toMatchObject({ port: 81, address: '127.0.0.1:1' });
  const args = ['--port=82', '--host', '::1', '--web.config.file=web.yml'];
  expect(settingsOf(args, env)).toEqual({ host: '::1', port: 82, address: '127.0.0.1:1', web: 'web.yml' });
});

it('rejects invalid settings', () => {
  expect(() => settingsOf(['--port=many'], {})).toThrow('--port: "many" is not a valid port');
  expect(() => settingsOf(['--port=65536'], {})).toThrow('is not a valid port');
  expect(() => settingsOf(['--prot=1'], {})).toThrow(/--prot/);
});

it('has the flags that its README lists', async () => {
  const rows = Object.entries(flags).map(([flag, { fallback, about }]) => {
    const otherwise = fallback === '' ? '' : `\`${fallback}\` `;
    return `| \`--${flag}\` | \`${variableOf(flag as keyof typeof flags)}\` | ${otherwise}| ${about} |`;
  });
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme.match(/^\| `--.*$/gm)).toEqual(rows);
});
