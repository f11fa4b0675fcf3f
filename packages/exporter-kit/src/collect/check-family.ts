import type { Kind } from '../metric/metric.ts';
import type { Family } from './families.ts';

/** Suffixes of sample names after the family's name, in either format. */
const endings: { readonly [K in Kind]: readonly string[] } = {
  gauge: [''],
  counter: ['', '_total'],
  // The text format allows bare ones too, from programs that declare a gauge as a histogram.
  histogram: ['', '_bucket', '_sum', '_count'],
  gaugehistogram: ['', '_bucket', '_gsum', '_gcount'],
  summary: ['', '_sum', '_count'],
  info: ['', '_info'],
  stateset: [''],
  unknown: [''],
};

/**
 * Rejects a family that could not be written unchanged.
 *
 * @throws Error naming the family and what to do.
 */
export function checkFamily({ name, kind, samples }: Family): void {
  if (!Object.hasOwn(endings, kind)) {
    const known = Object.keys(endings).join(', ');
    throw new Error(`family ${name}: its kind is ${JSON.stringify(kind)}; it must be one of ${known}.`);
  }
  const names = endings[kind].map((ending) => name + ending);
  // All series of a counter or info have one name.
  const own = kind === 'counter' || kind === 'info' ? samples.slice(0, 1).map((sample) => sample.name) : names;
  for (const sample of samples) {
    if (names.includes(sample.name) && own.includes(sample.name)) {
      checkValue(`${kind} ${name}`, kind, sample.value);
      continue;
    }
    const wanted = names.includes(sample.name) ? own : names;
    throw new Error(
      `${kind} ${name}: a sample is called ${JSON.stringify(sample.name)}, but must be called ${wanted.join(' or ')}.`,
    );
  }
}

function checkValue(who: string, kind: Kind, value: number): void {
  if (kind === 'info' && value !== 1) {
    throw new Error(`${who}: a sample's value is ${value}, but an info's is always 1; make it a gauge.`);
  }
  if (kind === 'stateset' && value !== 0 && value !== 1) {
    throw new Error(`${who}: a sample's value is ${value}, but a stateset's is 0 or 1; make it a gauge.`);
  }
}
