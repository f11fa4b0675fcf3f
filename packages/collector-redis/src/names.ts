/**
 * How families are called: `classic` as in redis_exporter, so that its dashboards and alerts work, or `clean`: base units,
 * types that fit, nothing for promtool to complain about.
 */
export type Names = 'classic' | 'clean';

/** The part of a declaration that depends on {@link Names}. */
interface Named {
  readonly name: string;
  readonly unit?: string;
  readonly waive?: string;
}

/**
 * Returns what names a family: give it the classic name and, if that breaks a naming rule, a clean one; both without `redis_`.
 *
 * @example
 * const name = naming('classic');
 * gauge({ ...name('latency_spike_last', 'latency_spike_timestamp_seconds'), help: 'When the last spike was.' });
 */
export function naming(names: Names): (classic: string, clean?: string) => Named {
  return (classic, clean = classic) => {
    const name = `redis_${names === 'clean' ? clean : classic}`;
    const [, unit] = /_(seconds|bytes|ratio)(_total)?$/.exec(name) ?? [];
    return {
      name,
      ...(unit === undefined ? {} : { unit }),
      ...(name === `redis_${clean}` ? {} : { waive: 'the name of redis_exporter' }),
    };
  };
}
