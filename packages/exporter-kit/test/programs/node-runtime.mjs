// Counts the observers that run: after importing the kit, after making a collector, after a scrape, after it is dropped.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import perfHooks from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

let running = 0;
const count = (on, method, by) => {
  const original = on[method];
  on[method] = function (...args) {
    running += by;
    return original.apply(this, args);
  };
};
count(perfHooks.PerformanceObserver.prototype, 'observe', 1);
count(perfHooks.PerformanceObserver.prototype, 'disconnect', -1);
const monitor = perfHooks.monitorEventLoopDelay;
perfHooks.monitorEventLoopDelay = (...args) => {
  const made = monitor(...args);
  const { enable, disable } = made;
  made.enable = () => {
    running++;
    return enable.call(made);
  };
  made.disable = () => {
    running--;
    return disable.call(made);
  };
  return made;
};
syncBuiltinESMExports();

const { nodeRuntime } = await import('exporter-kit');
const { scrape } = await import('exporter-kit/testing');
console.log('imported', running);
let runtime = nodeRuntime();
console.log('made', running);
await scrape(runtime);
await scrape(runtime);
console.log('scraped', running);
const files = Object.keys(createRequire(import.meta.url).cache);
console.log(
  'prom-client',
  files.some((file) => file.includes('prom-client')),
);
if (process.argv[2] === 'drop') {
  runtime = undefined;
  while (running > 0) {
    globalThis.gc();
    await delay(10);
  }
  console.log('dropped', running);
}
