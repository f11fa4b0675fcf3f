import type { Collector } from '../collect/collector.ts';
import type { Logger } from '../collect/context.ts';
import { collectorsOf, type Exporter } from '../collect/exporter.ts';
import { type Gatherer, gatherer } from '../collect/gather.ts';
import { encodeToString } from '../encode/encode.ts';
import { text } from '../encode/text.ts';
import { type AppOptions, app } from '../serve/app.ts';
import { type ListenOptions, listen } from '../serve/serve.ts';
import { countTraffic } from '../serve/traffic.ts';
import { type Flag, type FlagValues, readFlags } from './flags.ts';
import { helpText } from './help.ts';
import { makeLogger } from './log.ts';
import { askedToEnd, endByForceAfter, exitWith, print } from './process.ts';
import { assemble, parseSettings, type Setting, settingsOf } from './settings.ts';
import { commonFlags, logOptions, versionText } from './standard-flags.ts';
import { webFlags, webOptions } from './web-flags.ts';

/** Runs an exporter as this process, and ends it; see `run`. */
export function exporterProcess(exporter: Exporter, port: number): Promise<never> {
  return exitWith(exporter.name, () => main(exporter, port, process.argv.slice(2), process.env));
}

async function main(
  exporter: Exporter,
  port: number,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const own = await settingsOf(exporter.config, []);
  const web = [...own.map((setting) => setting.flag), ...webFlags(port), ...runFlags];
  const early = readFlags(exporter.name, [...web, ...commonFlags], argv, env, true);
  if (early.get('version')) {
    await print(versionText(exporter.name, exporter.version));
    return 0;
  }
  const about = `${exporter.title} for Prometheus.`;
  let collectors: readonly Collector[];
  try {
    collectors = collectorsOf(exporter, exporter.config && parseSettings(exporter.config, own, early, []));
  } catch (error) {
    if (!early.get('help')) throw error;
    // Which collectors there are depends on settings that are not given; the rest can be told.
    await print(helpText(exporter.name, about, [...web, ...commonFlags]));
    return 0;
  }
  const theirs = (await Promise.all(collectors.map(collectorSettings))).flat();
  const flags = [...web, ...collectors.map(collectorFlag), ...theirs.map(({ flag }) => flag), ...commonFlags];
  const values = readFlags(exporter.name, flags, argv, env);
  if (values.get('help')) {
    await print(helpText(exporter.name, about, flags));
    return 0;
  }
  const log = await makeLogger(logOptions(values));
  const bare = values.get('web.disable-exporter-metrics') === true;
  const running = collectors.filter((collector) => isEnabled(collector, values) && !(bare && collector.auxiliary));
  for (const { name, config } of running) {
    if (config !== undefined) parseSettings(config, theirs, values, ['collector', name]);
  }
  const { collector: settings = {} } = assemble(theirs, values) as { collector?: { [name: string]: unknown } };
  if (values.get('once')) return once(gatherer(exporter, running, { log, settings }));
  const options = webOptions(port, values);
  const traffic = countTraffic();
  const live = gatherer(exporter, running, { log, settings, about: bare ? [] : [traffic.about] });
  return serveUntilAsked(live, { ...options, traffic, log });
}

const collectorSettings = ({ name, config }: Collector): Promise<Setting[]> => settingsOf(config, ['collector', name]);

async function serveUntilAsked(
  live: Gatherer,
  options: ListenOptions & AppOptions & { readonly log: Logger },
): Promise<number> {
  const { log } = options;
  const ending = askedToEnd();
  let ready = true;
  const { url, close } = await listen(app(live, { ...options, ready: () => ready }), {
    ...options,
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

const runFlags: readonly Flag[] = [
  { name: 'once', type: 'switch', help: 'Print the metrics once and exit.', commandLineOnly: true },
  {
    name: 'collector.disable-defaults',
    type: 'switch',
    help: 'Run only the collectors that a flag names.',
    preset: 'false',
  },
];

function collectorFlag({ name, enabled }: Collector): Flag {
  return {
    name: `collector.${name}`,
    type: 'switch',
    negatable: true,
    help: `The ${name} collector.`,
    preset: enabled ? 'enabled' : 'disabled',
  };
}

function isEnabled({ name, enabled }: Collector, values: FlagValues): boolean {
  const said = values.get(`collector.${name}`);
  if (said !== undefined) return said === true;
  return enabled && values.get('collector.disable-defaults') !== true;
}

async function once(live: Gatherer): Promise<number> {
  const { snapshot, outcomes } = await live.gather({ deadline: performance.now() + 30_000 });
  await print(encodeToString(snapshot, text));
  const worked = outcomes.filter(({ status }) => status === 'ok' || status === 'unsupported');
  return outcomes.length > 0 && worked.length === 0 ? 1 : 0;
}
