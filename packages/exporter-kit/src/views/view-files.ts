import { alertsOf } from './alerts/alerts-of.ts';
import { alertFiles } from './alerts/yaml-files.ts';
import { dashboardJson } from './dashboard/dashboard-json.ts';
import { panelsOf } from './dashboard/panels-of.ts';
import type { DeclaredProgram } from './declared.ts';
import type { Examples } from './documents/example.ts';
import { metricsPage } from './documents/metrics-page.ts';
import { LOCK_FILE, lockOf, lockText } from './lock/lock.ts';
import { operatorFiles } from './scrape/operator.ts';
import { scrapeYaml } from './scrape/scrape-yaml.ts';

/** What the files are made from besides the declarations. */
export interface ViewInputs {
  /** Recorded sample lines, for the examples. */
  readonly examples?: Examples;
}

/** Everything that is generated for a program: name to text. The same text for the same declarations. */
export function viewFiles(
  program: DeclaredProgram,
  { examples = new Map() }: ViewInputs = {},
): ReadonlyMap<string, string> {
  const rows = panelsOf(program);
  const dashboard = dashboardJson(program, rows);
  return new Map([
    ['METRICS.md', metricsPage(program, { rows, alerts: alertsOf(program) }, examples)],
    ['dashboard.json', dashboard],
    ...alertFiles(program),
    ['scrape.yaml', scrapeYaml(program)],
    ...operatorFiles(program, dashboard),
    [LOCK_FILE, lockText(lockOf(program))],
  ]);
}
