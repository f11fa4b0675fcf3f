import type { Codemod } from './codemod.ts';

/** The application counts with live instruments instead of prom-client. */
export const instrumentedApp3: Codemod = {
  template: 'instrumented-app',
  version: 3,
  summary:
    'counts without prom-client, requests by httpServer: <name>_http_requests_total is http_server_request_duration_seconds_count, <name>_http_request_duration_seconds is http_server_request_duration_seconds, each by method, route and code; rules and dashboards have to follow',
  apply() {},
  together: {
    paths: ({ kebab }) => [
      ...['counted', 'exporter', 'main', 'metrics', 'router', 'routes', 'server.test', 'server'].map(
        (name) => `src/${name}.ts`,
      ),
      `test/${kebab}.prom`,
      'package.json',
      'README.md',
    ],
    // Rules and dashboards of the project may ask for the names that change.
    complete: (files, { snake }) =>
      [...files].every(
        ([path, text]) =>
          path.endsWith('.md') ||
          !(
            text.includes(`${snake}_http_request`) ||
            (/\.[cm]?[jt]sx?$/.test(path) && /prom-client|\/counted\.ts'/.test(text))
          ),
      ),
    byHand: () =>
      `src/ was edited where the template now counts without prom-client, or a rule or dashboard asks for names that would
change, so it stays as it is and works as before.
To follow: declare the metrics of src/metrics.ts with live({ … }), give its collector to src/exporter.ts, and count requests with
httpServer() of exporter-kit/http; the page "From prom-client" of exporter-kit has a table of the calls.
\`instrumented-app --name=example --dry-run\` prints files to compare with.`,
  },
};
