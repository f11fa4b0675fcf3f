import type { Metric } from '../../metric/metric.ts';
import { newNameOf } from '../../metric/renamed.ts';
import { alertsIn } from '../../metric/views.ts';
import type { AlertRule, DeclaredProgram, RecordingRule } from '../declared.ts';
import { declaredAlert } from './declared-alert.ts';
import { ownAlerts } from './own-alerts.ts';
import { scopeOf } from './scope.ts';
import { sloAlerts, sloRules } from './slo.ts';

/**
 * All alerts of a program: those that need no declaration, then those that its metrics declare, in their order.
 *
 * @throws TypeError if two different alerts have the same name.
 */
export function alertsOf(program: DeclaredProgram): AlertRule[] {
  const scope = scopeOf(program);
  const declared = metricsOf(program).flatMap((metric) => [
    ...alertsIn(metric.views).map((alert) => declaredAlert(scope, metric, alert)),
    ...(metric.views?.slo === undefined ? [] : sloAlerts(scope, metric, metric.views.slo)),
  ]);
  const byName = new Map<string, AlertRule>();
  for (const rule of [...ownAlerts(scope), ...declared]) {
    const other = byName.get(rule.alert);
    // One collector used twice asks for the same alert twice.
    if (other?.expr === rule.expr) continue;
    if (other !== undefined) {
      throw new TypeError(
        `${program.name}: two alerts are called ${rule.alert}, on ${other.metrics[0]} and on ${rule.metrics[0]}; give one another name.`,
      );
    }
    byName.set(rule.alert, withRunbook(rule, program));
  }
  return [...byName.values()];
}

/** Each metric under its present name. */
const metricsOf = ({ groups }: DeclaredProgram): Metric[] =>
  groups.flatMap(({ metrics }) => metrics.filter((metric) => newNameOf(metric) === undefined));

const withRunbook = (rule: AlertRule, { views }: DeclaredProgram): AlertRule =>
  views?.runbooks === undefined ? rule : { ...rule, runbookUrl: views.runbooks + rule.alert };

/** The recording rules that {@link alertsOf} needs: of objectives. */
export function rulesOf(program: DeclaredProgram): RecordingRule[] {
  const scope = scopeOf(program);
  return metricsOf(program).flatMap((metric) =>
    metric.views?.slo === undefined ? [] : sloRules(scope, metric, metric.views.slo),
  );
}
