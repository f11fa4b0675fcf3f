import type { AlertRule, DeclaredProgram, RecordingRule } from '../declared.ts';
import { generatedBy } from '../mark.ts';
import { yamlText } from '../yaml-text.ts';
import { alertsOf, rulesOf } from './alerts-of.ts';
import { momentsOf } from './held.ts';
import { filledIn } from './texts.ts';

const ALERTS_FILE = 'alerts.yaml';
const RULES_FILE = 'rules.yaml';
const TEST_FILE = 'alerts.test.yaml';

/** Rules of Prometheus with their tests, name to text; `rules.yaml` only if there are recording rules. */
export function alertFiles(program: DeclaredProgram): ReadonlyMap<string, string> {
  const [alerts, rules] = [alertsOf(program), rulesOf(program)];
  const files: [string, object][] = [
    [ALERTS_FILE, alertGroups(program, alerts)],
    [TEST_FILE, alertTests(program, alerts, rules)],
    ...(rules.length === 0 ? [] : [[RULES_FILE, ruleGroups(program, rules)] satisfies [string, object]]),
  ];
  return new Map(files.map(([name, value]) => [name, yamlText([generatedBy(program)], value)]));
}

type Named = Pick<DeclaredProgram, 'name'>;

/** Groups of rules, as in a rule file of Prometheus, or in `spec` of the operator's PrometheusRule. */
export interface RuleGroups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly object[] }[];
}

export function alertGroups({ name }: Named, alerts: readonly AlertRule[]): RuleGroups {
  return { groups: [{ name: `${name}.alerts`, rules: alerts.map(alertingRule) }] };
}

const alertingRule = (rule: AlertRule): object => ({
  alert: rule.alert,
  expr: rule.expr,
  for: rule.for,
  labels: { severity: rule.severity },
  annotations: annotationsOf(rule),
});

const annotationsOf = ({ summary, description, runbookUrl }: AlertRule) => ({
  summary,
  description,
  ...(runbookUrl === undefined ? {} : { runbook_url: runbookUrl }),
});

export function ruleGroups({ name }: Named, rules: readonly RecordingRule[]): RuleGroups {
  return { groups: [{ name: `${name}.rules`, rules }] };
}

/** Tests for `promtool test rules`: when each alert fires, and when it is silent. */
function alertTests({ name }: Named, alerts: readonly AlertRule[], rules: readonly RecordingRule[]): object {
  return {
    rule_files: [...(rules.length === 0 ? [] : [RULES_FILE]), ALERTS_FILE],
    evaluation_interval: '1m',
    // Alerts ask what recording rules have just written.
    ...(rules.length === 0 ? {} : { group_eval_order: [`${name}.rules`, `${name}.alerts`] }),
    tests: alerts.flatMap(testsOf),
  };
}

function testsOf(rule: AlertRule): object[] {
  const { tooEarly, due } = momentsOf(rule.for);
  const { alert, severity } = rule;
  return rule.cases.map(({ title, series, fires }) => {
    const expected = fires && {
      exp_labels: { ...fires.labels, severity },
      exp_annotations: { ...annotationsOf(rule), description: filledIn(rule.description, fires.labels, fires.value) },
    };
    const last = due / 60;
    return {
      name: `${alert} ${fires === undefined ? 'is silent' : 'fires'} if ${title}`,
      interval: '1m',
      input_series: series.map((one) => ({ ...one, values: `${one.values}x${last}` })),
      alert_rule_test: [
        ...(expected === undefined ? [] : [{ eval_time: `${tooEarly / 60}m`, alertname: alert, exp_alerts: [] }]),
        { eval_time: `${last}m`, alertname: alert, exp_alerts: expected === undefined ? [] : [expected] },
      ],
    };
  });
}
