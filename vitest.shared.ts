import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// Turbo has built what a package depends on, so there its tests run what is published. Transforming the library's sources
// for each package would take minutes altogether.
const built = process.env.TURBO_HASH !== undefined;

// Without that of bundlers, which Node does not know.
const conditions = defaultServerConditions.filter((one) => one !== 'module');

export default defineConfig({
  ssr: { resolve: { conditions: built ? conditions : ['@exporter-kit/source', ...conditions] } },
  test: {
    ...(built && { server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } } }),
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    passWithNoTests: true,
    // Vitest leaves one processor free; many tests wait for processes.
    maxWorkers: '100%',
    // To end what hangs, not to measure: a busy machine is slow.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 50_000 } },
  },
});
