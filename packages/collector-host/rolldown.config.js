import { defineConfig } from 'rolldown';

/** All collectors in one file, as programs load all: thirty small ones take longer to load than to run. */
export default defineConfig({
  input: 'src/index.ts',
  external: [/^node:/, /^exporter-kit/],
  platform: 'node',
  output: { file: 'dist/index.js', format: 'esm', sourcemap: true, comments: false },
});
