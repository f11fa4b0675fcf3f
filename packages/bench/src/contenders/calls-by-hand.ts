import { BOUNDS, type Labels } from '../data/calls.ts';
import { calling } from './calling.ts';
import { listen } from './obey.ts';

// Counting by hand: a map for each of the three labels, in each other, and the numbers at their end. Nothing is checked, bounded
// or kept for anything but the text.

interface Held {
  readonly labels: Labels;
  readonly counts: number[];
  /** Of a counter, its value. */
  sum: number;
}

function at<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

const mapOf = <V>(): Map<string, V> => new Map();

class Maps {
  readonly #name: string;
  readonly #labelNames: readonly string[];
  readonly #maps = new Map<string, Map<string, Map<string, Held>>>();

  constructor(name: string, labelNames: readonly string[]) {
    this.#name = name;
    this.#labelNames = labelNames;
  }

  #find(labels: Labels): Held {
    const [first, second, third] = this.#labelNames as [string, string, string];
    const outer = at(this.#maps, labels[first]!, mapOf<Map<string, Held>>);
    const inner = at(outer, labels[second]!, mapOf<Held>);
    return at(inner, labels[third]!, () => ({ labels, counts: [...BOUNDS, Infinity].map(() => 0), sum: 0 }));
  }

  inc(labels: Labels): void {
    this.#find(labels).sum++;
  }

  observe(labels: Labels, value: number): void {
    const held = this.#find(labels);
    let bucket = 0;
    while (bucket < BOUNDS.length && value > BOUNDS[bucket]!) bucket++;
    held.counts[bucket]!++;
    held.sum += value;
  }

  text(type: 'counter' | 'histogram'): string {
    const name = this.#name;
    let text = `# TYPE ${name} ${type}\n`;
    for (const outer of this.#maps.values())
      for (const inner of outer.values())
        for (const { labels, counts, sum } of inner.values()) {
          const own = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
          if (type === 'counter') {
            text += `${name}{${own}} ${sum}\n`;
            continue;
          }
          let count = 0;
          for (const [i, le] of [...BOUNDS, '+Inf'].entries()) {
            count += counts[i]!;
            text += `${name}_bucket{${own},le="${le}"} ${count}\n`;
          }
          text += `${name}_sum{${own}} ${sum}\n${name}_count{${own}} ${count}\n`;
        }
    return text;
  }
}

const made: (() => string)[] = [];
const duties = calling<Maps>({
  make(call, name, labelNames) {
    const maps = new Maps(name, labelNames);
    made.push(() => maps.text(call === 'inc' ? 'counter' : 'histogram'));
    return maps;
  },
  bind() {
    throw new Error('it has no bound children');
  },
});
listen((_req, res) => {
  res.setHeader('content-type', 'text/plain; version=0.0.4');
  res.end(made.map((text) => text()).join(''));
}, duties);
