import type { Logger } from '../../collect/context.ts';
import type { Exporter } from '../../collect/exporter.ts';
import { gatherer } from '../../collect/scrape/gather.ts';
import { encodeToString, text } from '../../encode/encode.ts';
import { problemsOf } from '../config/config-error.ts';
import { configText } from '../config/config-print.ts';
import { configSchema } from '../config/config-schema.ts';
import { type Configuration, configure } from '../config/configuration.ts';
import { allFlags, type ConfigInputs, configInputs } from '../config/declared.ts';
import { rememberSecrets, type Secrets } from '../config/secrets.ts';
import { valuesOf } from '../flags/flag.ts';
import { helpText, markdownTable } from '../flags/help.ts';
import type { RunValues } from '../flags/run-flags.ts';
import { infoFlags, markdownFlag, versionText } from '../flags/standard-flags.ts';
import { makeLogger } from './log.ts';
import { exitWith, print } from './process.ts';
import { openWebFile, serveExporter } from './serve-exporter.ts';
import { keepHeapSmall } from './small-heap.ts';

/** Runs an exporter as this process, and ends it; see `run`. */
export function exporterProcess(exporter: Exporter, port: number): Promise<never> {
  keepHeapSmall();
  const secrets = rememberSecrets();
  return exitWith(exporter.name, () => main(exporter, port, secrets), secrets.mask);
}

async function main(exporter: Exporter, port: number, secrets: Secrets): Promise<number> {
  const argv = process.argv.slice(2);
  if (argv[0] === 'views') return views(exporter, port, argv.slice(1));
  const inputs = await configInputs(exporter, port, argv, process.env, secrets);
  const { help, version } = valuesOf(infoFlags, inputs.given);
  const { markdown } = valuesOf(markdownFlag, inputs.given);
  const { schema, check, print, once } = inputs.kit.run;
  const toPrint = valuesOf<ToPrint>({ schema, check, print, once }, inputs.given);
  if (version) return printed(versionText(exporter.name, exporter.version));
  if (help) {
    return printed(helpText(exporter.name, `${exporter.title} for Prometheus.`, (await allFlags(inputs)).flags));
  }
  if (markdown) return printed(markdownTable(exporter.name, (await allFlags(inputs)).flags));
  if (toPrint.schema) {
    const all = await allFlags(inputs);
    return printed(await configSchema(all.inputs, all));
  }
  if (toPrint.check) return checkConfig(inputs);
  const configuration = await configure(inputs);
  if (toPrint.print) return printed(await configText(configuration.inputs, configuration));
  const log = await makeLogger(configuration.log, secrets.mask);
  if (toPrint.once) return runOnce(inputs, configuration, log);
  return serveExporter(inputs, configuration, log);
}

async function views(exporter: Exporter, port: number, words: readonly string[]): Promise<number> {
  const { exporterViews } = await import('../views/program.ts');
  return exporterViews(exporter, port, words, process.env);
}

type ToPrint = Pick<RunValues, 'schema' | 'check' | 'print' | 'once'>;

async function printed(said: string): Promise<number> {
  await print(said);
  return 0;
}

/** Prints all problems, one line each. */
async function checkConfig(inputs: ConfigInputs): Promise<number> {
  try {
    const { files, web, log } = await configure(inputs);
    if (web.configFile !== '')
      await openWebFile(web.configFile, inputs.exporter, await makeLogger(log, inputs.secrets.mask));
    return await printed(`the configuration is valid${files.size === 0 ? '' : ` (${[...files.keys()].join(', ')})`}\n`);
  } catch (error) {
    for (const problem of problemsOf(error)) process.stderr.write(`${inputs.secrets.mask(problem)}\n`);
    return 1;
  }
}

async function runOnce({ exporter }: ConfigInputs, configuration: Configuration, log: Logger): Promise<number> {
  const { running, collectorSettings: settings, configs, targets } = configuration;
  const live = gatherer(exporter, running, { log, settings, configs, targets });
  const { snapshot, outcomes, answers } = await live.gather({ deadline: performance.now() + 30_000 });
  await print(encodeToString(snapshot, text));
  snapshot.release();
  await live.sources.retire();
  if (answers.some(({ answer }) => !answer.up)) return 1;
  const worked = outcomes.filter(({ status }) => status === 'ok' || status === 'unsupported');
  return outcomes.length > 0 && worked.length === 0 ? 1 : 0;
}
