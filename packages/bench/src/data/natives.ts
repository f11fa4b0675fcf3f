import { type Family, type Labelled, makeFamilies } from './families.ts';

/** Buckets of each histogram. */
export const NATIVE_BUCKETS = 60;

/** A value for each bucket: 9 % above the one before, as the bounds are. Only products, which are the same in every language. */
export const NATIVE_VALUES: readonly number[] = valuesFrom(0.07);

function valuesFrom(first: number): number[] {
  const values = [first];
  while (values.length < NATIVE_BUCKETS) values.push(values.at(-1)! * 1.0905);
  return values;
}

/** Native histograms of about `buckets` buckets in total. */
export function makeNatives(buckets: number): Family<Labelled>[] {
  return makeFamilies((f) => `bench_family${f}_seconds`, Math.floor(buckets / NATIVE_BUCKETS), {});
}

/** What each of them observes before scrape `n`. */
export const observedAt = (n: number): number => NATIVE_VALUES[n % NATIVE_BUCKETS]!;
