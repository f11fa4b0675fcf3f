import { golden, lint, scrape } from 'exporter-kit/testing';
import { expect, it } from 'vitest';
import { acmeWidgetCollector } from './acme-widget.ts';
import { sample } from './config.ts';

/** A collector that runs this script. */
const of = (code: string) => acmeWidgetCollector([process.execPath, '-e', code]);

it('writes the metrics of the program', async () => {
  const { text, value } = await scrape(acmeWidgetCollector(sample));
  expect(value('acme_widget_items', { state: 'ready' })).toBe(12);
  expect(lint(text)).toEqual([]);
  golden(text, new URL('../test/acme-widget.prom', import.meta.url));
});

it.each([
  ['that fails', 'console.error("no such widget"); process.exit(3)', /ended with 3: no such widget/],
  ['that is killed', 'process.kill(process.pid, "SIGKILL")', /ended with SIGKILL: no error message/],
  ['that says half', 'console.log("ready 1")', /"busy" is missing/],
  ['that says nonsense', 'console.log("ready many")', /"ready" is not a number: "many"/],
  ['that never stops talking', 'setInterval(() => console.log("x".repeat(1e6)), 1)', /wrote more than/],
])('fails with a program %s', async (_, code, message) => {
  await expect(scrape(of(code))).rejects.toThrow(message);
});

it('fails if the program does not exist', async () => {
  await expect(scrape(acmeWidgetCollector(['/no/such/program']))).rejects.toThrow(/ENOENT/);
});

it('kills a program that hangs when the scrape ends', async () => {
  await expect(scrape(of('setInterval(() => {}, 1e6)'), { timeoutMs: 200 })).rejects.toThrow(/deadline/);
});
