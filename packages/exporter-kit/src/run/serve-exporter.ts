import { type Gatherer, gatherer } from '../collect/gather.ts';
import { type App, app } from '../serve/app.ts';
import { listen } from '../serve/serve.ts';
import { countTraffic } from '../serve/traffic.ts';
import type { Configuration, Sources } from './configuration.ts';
import type { LevelLogger } from './log.ts';
import { askedToEnd, endByForceAfter } from './process.ts';

/** Serves until the process is asked to end; resolves to its exit code. */
export async function serveExporter({ exporter }: Sources, first: Configuration, log: LevelLogger): Promise<number> {
  const traffic = countTraffic();
  const ending = askedToEnd();
  let ready = true;

  function enliven(configuration: Configuration): { readonly live: Gatherer; readonly answer: App } {
    const { running, collectorSettings: settings, bare, web } = configuration;
    const live = gatherer(exporter, running, { log, settings, about: bare ? [] : [traffic.about] });
    return { live, answer: app(live, { ...web, traffic, ready: () => ready }) };
  }

  const { live, answer } = enliven(first);
  const { url, close } = await listen(answer, {
    ...first.web,
    log,
    draining() {
      ready = false;
    },
  });
  log.info({ address: url, collectors: live.collectors.map((c) => c.name).join(',') }, 'listening');
  const signal = await ending;
  log.info({ signal }, 'ending; answers under way are finished');
  await close();
  const overdue = live.overdue().map(({ name }) => name);
  if (overdue.length > 0) {
    log.warn({ collectors: overdue.join(',') }, 'collectors still at a call past its deadline; ending without them');
    await endByForceAfter(2000);
  }
  return 0;
}
