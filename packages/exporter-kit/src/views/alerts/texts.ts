import type { Metric } from '../../metric/metric.ts';
import type { Alert, Condition, Share } from '../../metric/views.ts';
import { templates } from './humanize.ts';
import type { Scope } from './scope.ts';

/** A label's value in a template. */
export const labelValue = (name: string): string =>
  /^[a-zA-Z_]\w*$/.test(name) ? `{{ $labels.${name} }}` : `{{ index $labels ${JSON.stringify(name)} }}`;

/** What an alert is about: the instance, or the job, and labels. */
export function whose({ program }: Scope, labels: readonly string[]): string {
  const target = program.kind === 'job' ? `job ${labelValue('job')}` : labelValue('instance');
  return labels.length === 0 ? target : `${target} (${labels.map((name) => `${name} ${labelValue(name)}`).join(', ')})`;
}

/** What is true of a metric when an alert fires, and for how long it must be: a template. */
export function descriptionOf(scope: Scope, metric: Metric, alert: Alert, kept: readonly string[]): string {
  const { when } = alert;
  const of = `${metric.name} of ${whose(scope, kept)}`;
  const help = /[.!?]$/.test(metric.help) ? metric.help : `${metric.help}.`;
  return `${sentence(of, metric, when)}. ${help}`;
}

function sentence(of: string, metric: Metric, when: Condition): string {
  switch (when.is) {
    case 'above':
    case 'below': {
      const { verb, format, tail } = formatOf(metric, when);
      const side = `${when.is} ${templates[format]!(when.value)}${tail}`;
      return `${verb(of)} ${value(format)}${tail}${shareOf(when)}, ${side}`;
    }
    case 'older':
      return `${of} was ${value('humanizeDuration')} ago, more than ${when.within}`;
    case 'expires':
      return `${of} is ${value('humanizeDuration')} ahead, less than ${when.within}`;
    case 'state':
      return `${of} is ${labelValue(metric.name)}`;
  }
}

const value = (format: string): string => `{{ $value | ${format} }}`;

const shareOf = ({ of }: Share): string => (of === undefined ? '' : ` of ${of.name}`);

interface Format {
  readonly verb: (of: string) => string;
  /** The template's function. */
  readonly format: string;
  /** The unit, behind it. */
  readonly tail: string;
}

function formatOf({ kind, unit }: Metric, { of }: Share): Format {
  const is = (what: string): string => `${what} is`;
  const mean = (what: string): string => `The mean of ${what} is`;
  if (of !== undefined) return { verb: is, format: 'humanizePercentage', tail: '' };
  if (kind === 'counter') {
    const tail = unit === '' ? ' per second' : ` ${unit} per second`;
    return { verb: (what) => `${what} rises by`, format: 'humanize', tail };
  }
  const verb = kind === 'gauge' || kind === 'unknown' ? is : mean;
  if (unit === 'seconds') return { verb, format: 'humanizeDuration', tail: '' };
  if (unit === 'bytes') return { verb, format: 'humanize1024', tail: 'B' };
  if (unit === 'ratio') return { verb, format: 'humanizePercentage', tail: '' };
  return { verb, format: 'humanize', tail: unit === '' ? '' : ` ${unit}` };
}

/** A template with its labels and value filled in, as Prometheus does it. */
export function filledIn(template: string, labels: { readonly [label: string]: string }, level: number): string {
  return template
    .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels[name] ?? '')
    .replace(
      /\{\{ index \$labels ("(?:[^"\\]|\\.)*") \}\}/g,
      (_, name: string) => labels[JSON.parse(name) as string] ?? '',
    )
    .replace(/\{\{ \$value \| (\w+) \}\}/g, (_, format: string) => templates[format]!(level));
}
