import { type Tuning, tuningProblems } from '../../../live/tune.ts';
import type { Metric } from '../../../metric/metric.ts';
import { MAX_SCHEMA, MIN_SCHEMA, MOST_NATIVE_BUCKETS } from '../../../metric/native.ts';
import { pathText, readStrictYaml } from '../../../yaml/strict-yaml.ts';
import { z } from './zod.ts';

/** Declared metrics, by any keys. */
interface Metrics {
  readonly [key: string]: Metric;
}

/** A setting that is a {@link Tuning}. */
export type TuningSetting = z.ZodOptional<z.ZodType<Tuning, Tuning>>;

// All checks are those of `live`, so that the messages are the same; this is for help and editors.
const shape = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    properties: {
      buckets: { type: 'array', items: { type: 'number' }, description: 'Upper bounds of a histogram, ascending.' },
      native: {
        anyOf: [
          { type: 'boolean' },
          {
            type: 'object',
            properties: {
              schema: { type: 'integer', minimum: MIN_SCHEMA, maximum: MAX_SCHEMA },
              maxBuckets: { type: 'integer', minimum: 1, maximum: MOST_NATIVE_BUCKETS },
              zeroThreshold: { type: 'number', minimum: 0 },
              maxZeroThreshold: { type: 'number', minimum: 0 },
              resetAfterMs: { type: 'number', exclusiveMinimum: 0 },
            },
            additionalProperties: false,
          },
        ],
        description: 'Native buckets of a histogram; false for none.',
      },
      maxSeries: { type: 'integer', minimum: 1, description: 'Maximum series of the metric.' },
      idleAfterMs: {
        type: 'number',
        exclusiveMinimum: 0,
        description: 'Hides series that have not changed for so many milliseconds.',
      },
      off: { type: 'boolean', description: 'Turns the metric off.' },
    },
    additionalProperties: false,
  },
};

/**
 * A setting with which an operator changes metrics of `live`, by their names; it goes to `tune`. A reload does not change it.
 *
 * @param metrics the declared metrics, so that an unknown name is an error of the configuration.
 * @example
 * config: z.object({ metrics: tuning(metrics) }),
 * collectors: ({ metrics: tune }) => [(shop ??= live({ name: 'shop', metrics, tune })).collector],
 * // shop.yml: metrics: { shop_checkout_seconds: { buckets: [1, 5] } }
 */
export function tuning(metrics?: Metrics): TuningSetting {
  return z
    .custom<Tuning>()
    .superRefine((value, context) => {
      for (const { path, why, keys } of tuningProblems(value, metrics && Object.values(metrics)))
        context.addIssue(
          keys === undefined
            ? { code: 'custom', path: [...path], message: why }
            : { code: 'unrecognized_keys', path: path.slice(0, -1), keys: [...keys], message: why },
        );
    })
    .optional()
    .describe('Changes of metrics, by their names: buckets, native, maxSeries, idleAfterMs, off.')
    .meta({ ...shape, startOnly: true });
}

/** Options of {@link tuneFrom}. */
export interface TuneOptions {
  /** The declared metrics, so that an unknown name is reported with its line. */
  readonly metrics?: Metrics;
  /** Names the text in messages; default `tune`. */
  readonly from?: string;
}

/**
 * Reads a tuning from YAML, such as the value of an environment variable; empty for no changes.
 *
 * @example
 * const tune = await tuneFrom(process.env.SHOP_METRICS, { metrics, from: 'SHOP_METRICS' });
 * export const shop = live({ name: 'shop', metrics, tune });
 * @throws Error naming the line of each mistake, and what to write instead.
 */
export async function tuneFrom(
  text: string | undefined,
  { metrics, from = 'tune' }: TuneOptions = {},
): Promise<Tuning> {
  const { value = {}, where } = await readStrictYaml(text ?? '', from);
  const problems = tuningProblems(value, metrics && Object.values(metrics));
  if (problems.length === 0) return value as Tuning;
  throw new Error(
    problems.map(({ path, why }) => `${where(path)}: ${[pathText(path), why].join(' ').trim()}`).join('\n'),
  );
}
