import type { Logger } from '../../collect/context.ts';
import type { Exporter } from '../../collect/exporter.ts';
import { gatherer } from '../../collect/scrape/gather.ts';
import { encodeToString } from '../../encode/encode.ts';
import { text } from '../../encode/text.ts';
import { problemsOf } from '../config/config-error.ts';
import { configText } from '../config/config-print.ts';
import { configSchema } from '../config/config-schema.ts';
import { partsOf } from '../config/config-sections.ts';
import { type Configuration, configure } from '../config/configuration.ts';
import { allFlags, firstFlags, type Sources } from '../config/declared.ts';
import { rememberSecrets } from '../config/secrets.ts';
import { readArguments } from '../flags/flags.ts';
import { helpText } from '../flags/help.ts';
import { markdownTable } from '../flags/markdown.ts';
import { versionText } from '../flags/standard-flags.ts';
import { makeLogger } from './log.ts';
import { exitWith, print } from './process.ts';
import { serveExporter } from './serve-exporter.ts';
import { openWebFile } from './web-file.ts';

/** Runs an exporter as this process, and ends it; see `run`. */
export function exporterProcess(exporter: Exporter, port: number): Promise<never> {
  const secrets = rememberSecrets();
  const sources: Sources = {
    exporter,
    port,
    argv: process.argv.slice(2),
    env: process.env,
    parts: partsOf(exporter),
    secrets,
  };
  return exitWith(exporter.name, () => main(sources), secrets.mask);
}

async function main(sources: Sources): Promise<number> {
  const { exporter, argv, secrets } = sources;
  const asked = readArguments((await firstFlags(sources)).flags, argv, true);
  if (asked.get('version')) return printed(versionText(exporter.name, exporter.version));
  if (asked.get('help')) {
    return printed(helpText(exporter.name, `${exporter.title} for Prometheus.`, (await allFlags(sources)).flags));
  }
  if (asked.get('help.markdown')) return printed(markdownTable(exporter.name, (await allFlags(sources)).flags));
  if (asked.get('config.schema')) return printed(await configSchema(sources, await allFlags(sources)));
  if (asked.get('config.check')) return check(sources);
  const configuration = await configure(sources);
  if (asked.get('config.print')) return printed(await configText(sources, configuration));
  const log = await makeLogger(configuration.log, secrets.mask);
  if (asked.get('once')) return once(sources, configuration, log);
  return serveExporter(sources, configuration, log);
}

async function printed(said: string): Promise<number> {
  await print(said);
  return 0;
}

/** Says all that is wrong, a line each. */
async function check(sources: Sources): Promise<number> {
  try {
    const { files, web, log } = await configure(sources);
    if (web.webFile !== '')
      await openWebFile(web.webFile, sources.exporter, await makeLogger(log, sources.secrets.mask));
    return await printed(`the configuration is good${files.size === 0 ? '' : ` (${[...files.keys()].join(', ')})`}\n`);
  } catch (error) {
    for (const problem of problemsOf(error)) process.stderr.write(`${sources.secrets.mask(problem)}\n`);
    return 1;
  }
}

async function once({ exporter }: Sources, configuration: Configuration, log: Logger): Promise<number> {
  const { running, collectorSettings: settings, configs } = configuration;
  const live = gatherer(exporter, running, { log, settings, configs });
  const { snapshot, outcomes } = await live.gather({ deadline: performance.now() + 30_000 });
  await print(encodeToString(snapshot, text));
  const worked = outcomes.filter(({ status }) => status === 'ok' || status === 'unsupported');
  return outcomes.length > 0 && worked.length === 0 ? 1 : 0;
}
