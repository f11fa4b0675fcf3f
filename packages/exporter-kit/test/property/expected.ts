import type { Kind } from '../../src/index.ts';
import type { Family } from '../../src/parse/index.ts';
import type { Plan } from './plan.ts';

/** A family as any reader should see it; samples in no order. */
export interface Seen {
  readonly kind: string;
  readonly help: string;
  readonly unit: string;
  readonly samples: readonly string[];
}

export type Format = 'text' | 'openmetrics';

/** What is to be read under each name. Written from the formats' descriptions, not from the encoders. */
export function expectedOf(plans: readonly Plan[], format: Format): Map<string, Seen> {
  return new Map(
    plans.map((plan) => {
      const strict = format === 'openmetrics';
      const { kind, name } = plan;
      const ending = kind === 'counter' ? '_total' : kind === 'info' ? '_info' : '';
      const known = ending === '' || name.endsWith(ending);
      const seen: Seen = {
        kind: strict ? (known ? kind : 'unknown') : kind === 'info' || kind === 'stateset' ? 'gauge' : kind,
        help: plan.help.toWellFormed(),
        unit: strict ? plan.unit : '',
        samples: samplesOf(plan, strict).sort(),
      };
      return [strict && known && ending !== '' ? name.slice(0, -ending.length) : name, seen];
    }),
  );
}

function samplesOf({ kind, name, own, points }: Plan, strict: boolean): string[] {
  return points.flatMap(({ labels, numbers }) => {
    const line = (end: string, value: number, more: Record<string, unknown> = {}): string =>
      sample(name + end, [...Object.entries(labels), ...Object.entries(more)], value);
    switch (kind) {
      case 'histogram': {
        const sum = numbers.at(-1)!;
        let total = 0;
        const buckets = [...own, Infinity].map((le, i) => {
          total += numbers[i]!;
          return line('_bucket', total, { le });
        });
        // A sum is a counter's there, or it is not there; and a count goes with a sum.
        if (strict && (!(sum >= 0) || Number(own[0]) < 0)) return buckets;
        return [...buckets, line('_sum', sum), line('_count', total)];
      }
      case 'summary': {
        const [sum, count] = [numbers.at(-2)!, numbers.at(-1)!];
        const quantiles = own.flatMap((quantile, i) =>
          strict && numbers[i]! < 0 ? [] : [line('', numbers[i]!, { quantile })],
        );
        return [...quantiles, ...(strict && !(sum >= 0) ? [] : [line('_sum', sum)]), line('_count', count)];
      }
      case 'stateset':
        return own.map((state, i) => line('', i === numbers[0] ? 1 : 0, { [name]: state }));
      default:
        return [line('', numbers[0]!)];
    }
  });
}

/** One sample as text that is the same for all who mean the same. */
export function sample(name: string, labels: readonly (readonly [string, unknown])[], value: number): string {
  const pairs = labels.flatMap(([label, given]): [string, string][] => {
    const own = label === 'le' || label === 'quantile';
    const written = String(given).toWellFormed();
    const plain = own && Number.isFinite(Number(written)) && written !== '' ? String(Number(written)) : written;
    // An empty label is one that is not there; infinity has two spellings.
    return plain === '' ? [] : [[label, plain.replace(/^\+?Inf(inity)?$/, 'Infinity')]];
  });
  return `${name} ${JSON.stringify(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))} ${value + 0}`;
}

/** What our parsers have read, without what the kit says of itself. */
export function seenBy(families: readonly Family[], plans: readonly Plan[], format: Format): Map<string, Seen> {
  const wanted = expectedOf(plans, format);
  return new Map(
    families
      .filter(({ name }) => wanted.has(name) || !/^(self_|promhttp_)/.test(name))
      .map(({ name, kind, help, unit, samples }) => [
        name,
        {
          kind: kind satisfies Kind,
          help,
          unit,
          samples: samples.map((one) => sample(one.name, Object.entries(one.labels), one.value)).sort(),
        },
      ]),
  );
}
