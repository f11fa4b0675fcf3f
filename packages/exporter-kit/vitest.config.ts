import { mergeConfig } from 'vitest/config';
import shared from '../../vitest.shared.ts';

/** Replace modules, so they need a module graph of their own. */
const mocking = ['src/encode/body.test.ts', 'src/push/permanent-failure.test.ts'];

/** Beside real servers, with thousands of targets, or until deliveries are given up; `npm run test:servers`. */
const servers = [
  'test/alert-tests.test.ts',
  'test/exemplars.test.ts',
  'test/exporter-push-command.test.ts',
  'test/exporter-push-input.test.ts',
  'test/many-targets.test.ts',
  'test/native-histograms.test.ts',
  'test/page/browser.test.ts',
  'test/prometheus.test.ts',
  'test/push/faults.test.ts',
  'test/push/kill.test.ts',
  'test/push/real.test.ts',
  'test/pushgateway.test.ts',
  'test/remote-write-engines.test.ts',
  'test/shop.test.ts',
  'test/sinks.test.ts',
  'test/sources.test.ts',
  'test/utf8-names.test.ts',
  'test/wire-engines.test.ts',
  'test/wire-scrapes.test.ts',
];

const { include: _every, ...test } = shared.test ?? {};
const limits = { maxWorkers: 3, sequence: { groupOrder: 1 } };
const beyond = { ...limits, globalSetup: 'test/temporary.ts' };

/**
 * Many end-to-end tests wait for processes and time limits rather than for a processor. With those of all packages, they
 * come last. Test files share a module graph: each would otherwise take half a second and more to import it.
 */
export default mergeConfig(
  { ...shared, test },
  {
    test: {
      ...limits,
      projects: [
        {
          extends: true,
          test: { ...limits, name: 'unit', include: ['src/**/*.test.ts'], exclude: mocking, isolate: false },
        },
        {
          extends: true,
          test: { ...beyond, name: 'e2e', include: ['test/**/*.test.ts'], exclude: servers, isolate: false },
        },
        { extends: true, test: { ...limits, name: 'mocking', include: mocking } },
        { extends: true, test: { ...beyond, name: 'servers', include: servers } },
      ],
    },
  },
);
