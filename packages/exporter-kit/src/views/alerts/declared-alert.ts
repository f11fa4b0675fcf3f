import type { Metric } from '../../metric/metric.ts';
import { type Alert, type Condition, camelCase } from '../../metric/views.ts';
import type { AlertRule } from '../declared.ts';
import { type Asked, firingLabels, keptOf, type Rule } from './asked.ts';
import { DEFAULT_FOR } from './held.ts';
import { age, inStates } from './moment.ts';
import { nameIn, type Scope } from './scope.ts';
import { descriptionOf } from './texts.ts';
import { share, threshold } from './threshold.ts';

/** The rule of an alert that a declaration asks for. */
export function declaredAlert(scope: Scope, declared: Metric, alert: Alert): AlertRule {
  const metric = { ...declared, name: scope.names(declared)[0]! };
  const { when, for: held = DEFAULT_FOR, severity = 'warning', summary } = alert;
  const asked = { scope, metric, alert };
  const { expr, cases } = ruleOf(asked);
  const state = when.is === 'state' ? { [metric.name]: when.states[0]! } : {};
  const labels = { ...firingLabels(asked), ...state };
  const others = 'of' in when && when.of !== undefined ? [when.of] : [];
  return {
    alert: nameIn(scope, alert.name ?? defaultName(metric, when)),
    expr,
    for: held,
    severity,
    summary,
    description: descriptionOf(scope, metric, alert, keptOf(metric, alert)),
    metrics: [metric, ...others].flatMap((one) => scope.names(one)),
    cases: cases.map(({ title, series, level }) =>
      level === undefined ? { title, series } : { title, series, fires: { labels, value: level } },
    ),
  };
}

function ruleOf(asked: Asked): Rule {
  const { when } = asked.alert;
  switch (when.is) {
    case 'above':
    case 'below':
      return when.of === undefined ? threshold(asked, when) : share(asked, when, when.of);
    case 'older':
    case 'expires':
      return age(asked, when);
    case 'state':
      return inStates(asked, when.states);
  }
}

function defaultName({ name }: Metric, when: Condition): string {
  const ends = { above: 'High', below: 'Low', older: 'Old', expires: 'Expires' } as const;
  const plain = camelCase(name.replace(/_(total|timestamp_seconds)$/, ''));
  return plain + (when.is === 'state' ? camelCase(when.states.join('_')) : ends[when.is]);
}
