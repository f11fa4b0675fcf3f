import { writtenLabel } from '../../metric/escape.ts';
import type { Condition } from '../../metric/views.ts';
import { is, selector } from '../selector.ts';
import { type Asked, eitherOf, matchersOf, type Rule, seriesLabels } from './asked.ts';
import { momentsOf, secondsIn } from './held.ts';
import { constant } from './level.ts';
import { literally } from './scope.ts';

/** A gauge that is a Unix time, compared with the time of evaluation, which begins at 0 in tests. */
export function age(asked: Asked, { is: side, within }: Extract<Condition, { is: 'older' | 'expires' }>): Rule {
  const { scope, metric, alert } = asked;
  const seconds = secondsIn(within);
  const { due } = momentsOf(alert.for);
  const names = scope.names(metric);
  const labels = seriesLabels(asked, metric);
  const time = eitherOf(names.map((name) => selector(name, ...matchersOf(asked, metric))));
  const isOlder = side === 'older';
  const [then, silent] = isOlder ? [-2 * seconds, due] : [seconds / 2, due + 2 * seconds];
  const what = isOlder ? `more than ${within} ago` : `less than ${within} ahead`;
  return {
    expr: isOlder ? `time() - ${time} > ${seconds}` : `${time} - time() < ${seconds}`,
    cases: [
      ...names.map((name) => ({
        title: `${name} is ${what}`,
        series: [constant(name, labels, then)],
        level: isOlder ? due - then : then - due,
      })),
      { title: `${names[0]} is not ${what}`, series: [constant(names[0]!, labels, silent)] },
    ],
  };
}

/** A stateset in one of `states`. */
export function inStates(asked: Asked, states: readonly string[]): Rule {
  const { scope, metric } = asked;
  const names = scope.names(metric);
  const [bad] = states;
  const at = (name: string, value: number) => [constant(name, { ...seriesLabels(asked, metric), [name]: bad! }, value)];
  const which = (name: string): string =>
    states.length === 1 ? is(name, bad!) : `${writtenLabel(name)}=~${JSON.stringify(states.map(literally).join('|'))}`;
  const each = names.map((name) => selector(name, ...matchersOf(asked, metric), which(name)));
  return {
    expr: `${eitherOf(each)} == 1`,
    cases: [
      ...names.map((name) => ({ title: `${name} is ${bad}`, series: at(name, 1), level: 1 })),
      { title: `${names[0]} is not ${bad}`, series: at(names[0]!, 0) },
    ],
  };
}
