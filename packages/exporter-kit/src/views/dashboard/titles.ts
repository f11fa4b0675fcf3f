import type { Metric } from '../../metric/metric.ts';
import type { Drawn } from './drawn.ts';

const MAX_TITLE = 70;

/** The help as a title; the name if that is too long. A name that it begins with stays as it is. */
export function titleOf({ help, name }: Metric): string {
  const sentence = help
    .replace(/^total number of /i, '')
    .replace(/(;|[.:](?= )).*$/s, '')
    .replace(/\.$/, '')
    .replace(/,? in Unix time$/, '')
    .trim();
  return sentence === '' || sentence.length > MAX_TITLE
    ? name
    : sentence.replace(/^\p{Ll}(?!\w*_)/u, (first) => first.toUpperCase());
}

/** The help, what is drawn of it, and the metric's name. */
export function descriptionOf({ help, name, formerly, views }: Drawn, drawn: string): string {
  const sentence = help.trim().replace(/[^.!?]$/u, '$&.');
  const names = `Metric: ${name}${formerly === undefined ? '' : `, formerly ${formerly}`}.`;
  const until = views?.deprecated?.until;
  const gone = until === undefined ? '' : `Gone in ${until}.`;
  return [sentence, drawn, names, gone].filter((part) => part !== '').join(' ');
}
