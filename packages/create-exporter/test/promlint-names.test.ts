import { needPeers, promtoolCheckMetrics } from 'test-servers';
import { expect, it } from 'vitest';
import { nameProblem, spellings } from '../src/names/names.ts';

// What promtool says of the metrics that the templates declare, under names of all kinds. It lets "mebi" pass, which it spells
// "mibi"; the kit, which would have to declare them, knows both.

const words = (
  'acme bucket info total sum count x s3 http2 k8s cluster node left right ' +
  'seconds minutes hours days weeks bytes bits kilobytes mibibytes celsius fahrenheit kelvins meters grams volts amperes joules ' +
  'ms us ns sec b kb mb gb tb pb m h d s counter gauge histogram summary untyped percent ratio milliseconds'
).split(' ');
const names = words.flatMap((word) => [word, `acme-${word}`, `${word}-acme`, `acme-${word}-queue`]);

it.skipIf(!needPeers('promtool'))('accepts exactly the names that promlint accepts', () => {
  const shapes = names.map((name) => {
    const { snake } = spellings(name);
    return `# HELP ${snake}_up Up.
# TYPE ${snake}_up gauge
${snake}_up 1
# HELP ${snake}_items Items.
# TYPE ${snake}_items gauge
${snake}_items 1
# HELP ${snake}_handled_total Handled.
# TYPE ${snake}_handled_total counter
${snake}_handled_total 1
# HELP ${snake}_oldest_item_age_seconds Age.
# TYPE ${snake}_oldest_item_age_seconds gauge
${snake}_oldest_item_age_seconds 1
`;
  });
  const verdicts = names.map((name, i) => [name, promtoolCheckMetrics(shapes[i]!).problems] as const);
  // Reserved for other reasons than names of metrics.
  const other = /is a reserved|is already a name|the template adds/;
  const wrong = verdicts.filter(([name, problems]) => {
    const problem = nameProblem(name);
    return problem === undefined ? problems.length > 0 : problems.length === 0 && !other.test(problem);
  });
  expect(wrong.map(([name, problems]) => [name, nameProblem(name), problems])).toEqual([]);
});
