import { BUCKETS } from './histograms.ts';
import { next, seed } from './values.ts';

/** What an application does with an instrument, again and again. */
export type Call = 'inc' | 'observe';

export type Labels = { readonly [label: string]: string };

/** One series of a counted family. */
export interface Counted {
  readonly family: number;
  readonly labels: Labels;
}

/** Instruments of an application, and the calls that it makes: the same ones over and over. */
export interface Application {
  /** For each family, the names of its three labels. */
  readonly labelNames: readonly (readonly string[])[];
  readonly series: readonly Counted[];
  /** The series of each call. */
  readonly picks: Uint32Array;
  /** The value that each call observes: a multiple of 1/1024, so that sums have no rounding errors. */
  readonly values: Float64Array;
}

/** Upper bounds of observed histograms. */
export const BOUNDS: readonly number[] = [...BUCKETS, 10];

/** Calls until they repeat; a power of 2. */
export const CYCLE = 65_536;

// Labels of each family: a value of few, one of some, and one of many.
const makers: readonly ((few: number, some: number, many: string) => Labels)[] = [
  (few, some, many) => ({ method: ['GET', 'POST'][few]!, route: `/things/${some}/:id`, host: `host-${many}` }),
  (few, some, many) => ({ paid: ['card', 'cash'][few]!, country: ['pt', 'es', 'fr'][some]!, shop: `shop-${many}` }),
  (few, some, many) => ({ outcome: ['ok', 'failed'][few]!, pool: `pool-${some}`, query: `select_${many}` }),
  (few, some, many) => ({ state: ['ready', 'delayed'][few]!, worker: `${some}`, queue: `queue.${many}.jobs` }),
  (few, some, many) => ({ plan: ['free', 'paid'][few]!, region: `eu-west-${some}`, user: `user-${many}` }),
];

export function familyName(call: Call, family: number): string {
  return `bench_family${family}_${call === 'inc' ? 'total' : 'seconds'}`;
}

/** An application with `count` series. */
export function makeApplication(count: number): Application {
  const perFamily = Math.ceil(count / makers.length);
  const series: Counted[] = Array.from({ length: count }, (_, i) => {
    const [family, of] = [Math.floor(i / perFamily), i % perFamily];
    const many = String(Math.floor(of / 6)).padStart(6, '0');
    // Through JSON, so that strings are flat and not shared.
    return JSON.parse(JSON.stringify({ family, labels: makers[family]!(of % 2, Math.floor(of / 2) % 3, many) }));
  });
  const picks = new Uint32Array(CYCLE);
  const values = new Float64Array(CYCLE);
  let state = seed(0);
  for (let call = 0; call < CYCLE; call++) {
    state = next(state);
    // Each once, as some libraries expose no series before its first call.
    picks[call] = call < count ? call : (state >>> 8) % count;
    const x = (state >>> 8) / 16_777_216;
    values[call] = Math.round(x * x * x * 6 * 1024) / 1024;
  }
  return { labelNames: makers.map((make) => Object.keys(make(0, 0, ''))), series, picks, values };
}
