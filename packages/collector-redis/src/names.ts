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
 * Returns what names a family: give it the classic name and, if its name or type breaks a naming rule there, a clean one;
 * both without `redis_`.
 *
 * @example
 * const name = naming('classic');
 * gauge({ ...name('latency_spike_last', 'latency_spike_timestamp_seconds'), help: 'When the last spike was.' });
 */
export function naming(names: Names): (classic: string, clean?: string) => Named {
  return (classic, clean) => {
    const name = `redis_${names === 'clean' ? (clean ?? classic) : classic}`;
    const [, unit] = /_(seconds|bytes|ratio)(_total)?$/.exec(name) ?? [];
    return {
      name,
      ...(unit === undefined ? {} : { unit }),
      ...(clean === undefined || names === 'clean' ? {} : { waive: 'name and type of redis_exporter' }),
    };
  };
}
