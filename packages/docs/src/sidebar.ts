import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const pages: string = fileURLToPath(new URL('../pages', import.meta.url));

/** Each page by its path without `.md`, in the order in which somebody new reads them. */
export const order: { readonly [group: string]: readonly string[] } = {
  Begin: ['start'],
  Write: [
    'write/collector',
    'write/sources',
    'write/database-exporter',
    'write/probe',
    'write/job',
    'write/sinks',
    'write/native-histograms',
    'write/testing',
    'write/share',
  ],
  'Count in an application': ['count/live', 'count/http', 'count/live-processes'],
  Run: [
    'run/configuration',
    'run/web-configuration',
    'run/targets',
    'run/deploy',
    'run/bundling',
    'run/scale-out',
    'run/views',
    'run/dashboards',
    'run/exporter-push',
    'run/remote-write',
    'run/otlp',
  ],
  Migrate: ['migrate/from-prom-client', 'migrate/from-go'],
  Errors: [
    'errors/overview',
    'errors/settings',
    'errors/declaring',
    'errors/reading',
    'errors/pushing',
    'errors/generating',
  ],
};

interface Entry {
  readonly text: string;
  readonly link: string;
}

interface Group {
  readonly text: string;
  readonly items: Entry[];
}

/** The sidebars: all pages by group, with their own headings as titles, and the reference, which comes first in itself. */
export function sidebars(): { [path: string]: Group[] } {
  const groups = Object.entries(order).map(([text, paths]) => ({ text, items: paths.map(entry) }));
  const reference = { text: 'Reference', items: references() };
  return { '/api/': [reference, ...groups], '/': [...groups, reference] };
}

function entry(path: string): Entry {
  const [, title = path] = /^# (.*)$/m.exec(readFileSync(join(pages, `${path}.md`), 'utf8')) ?? [];
  return { text: title.replaceAll('`', ''), link: `/${path}` };
}

/** A page for each entry of the package, as typedoc writes them. */
function references(): Entry[] {
  const { name, exports } = JSON.parse(
    readFileSync(new URL('../../exporter-kit/package.json', import.meta.url), 'utf8'),
  );
  return Object.keys(exports).map((path) => {
    const text = `${name}${path.slice(1)}`;
    return { text, link: `/api/${text}/` };
  });
}
