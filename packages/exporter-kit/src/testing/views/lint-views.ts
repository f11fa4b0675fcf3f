import { readFile } from 'node:fs/promises';
import type { Exporter } from '../../collect/exporter.ts';
import { caught, messageOf } from '../../errors/thrown.ts';
import type { Job } from '../../push/job.ts';
import type { DeclaredProgram } from '../../views/declared.ts';
import type { Asked, ViewRule } from './asked.ts';
import { checkAsked, type ViewFinding } from './check-asked.ts';
import { askedInDashboard } from './dashboard-file.ts';
import { askedInAlerts, askedInPanels } from './generated.ts';
import { askedInRules } from './rules-file.ts';

/** Options of {@link lintViews}. */
export interface LintViewsOptions {
  /** Files of yours: rules of Prometheus (`.yaml`, `.yml`), and dashboards of Grafana's classic schema (`.json`). */
  readonly files?: readonly string[];
  /** Labels that your Prometheus adds to all series, beside `job` and `instance`, such as `cluster`. */
  readonly targetLabels?: readonly string[];
  /** Flags of the program, if what it declares depends on them: `['--no-collector.queues']`. */
  readonly flags?: readonly string[];
  /** Rules that do not apply, each with the reason. */
  readonly waive?: { readonly [R in ViewRule]?: string };
}

/**
 * Checks PromQL against the declarations of an exporter or a job: panels and alerts that the kit makes of them, `views`, and
 * your own rules and dashboards. Needs the package `@prometheus-io/lezer-promql`. Metrics of other programs are ignored.
 *
 * @example
 * expect(await lintViews(brokerExporter, { files: ['monitoring/alerts.yaml', 'monitoring/broker.json'] })).toEqual([]);
 * @throws Error if the parser is not installed, or a file cannot be read.
 */
export async function lintViews(of: Exporter | Job, options: LintViewsOptions = {}): Promise<ViewFinding[]> {
  const { files = [], targetLabels = [], flags = [], waive = {} } = options;
  const program = await programOf(of, flags);
  const asked = [...askedInPanels(program), ...askedInAlerts(program)];
  for (const file of files) asked.push(...(await askedInFile(file)));
  return (await checkAsked(asked, program, targetLabels)).filter(({ rule }) => waive[rule] === undefined);
}

async function programOf(of: Exporter | Job, argv: readonly string[]): Promise<DeclaredProgram> {
  const { DEFAULTS, programOfExporter, programOfJob } = await import('../../run/views/program.ts');
  const called = { ...DEFAULTS, argv };
  return 'run' in of ? programOfJob(of, {}, called) : programOfExporter(of, 0, called);
}

/** Far more than dashboards that people can use. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

async function askedInFile(file: string): Promise<Asked[]> {
  if (!/\.(json|ya?ml)$/.test(file)) {
    throw new Error(
      `lintViews: ${file} is neither .json nor .yaml; give rules of Prometheus or dashboards of Grafana.`,
    );
  }
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const cause = caught(error);
    throw new Error(`lintViews: cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
  if (text.length > MOST_CHARACTERS) throw new Error(`lintViews: ${file} is larger than 16 MiB; split it.`);
  return file.endsWith('.json') ? askedInDashboard(text, file) : askedInRules(text, file);
}
