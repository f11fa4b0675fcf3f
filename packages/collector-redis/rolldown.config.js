import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { defineConfig } from 'rolldown';

const driver = dirname(createRequire(import.meta.url).resolve('@redis/client/package.json'));

/** The driver in one file; the compiler makes all others. */
export default defineConfig({
  input: 'src/client/driver.ts',
  external: [/^node:/, '@opentelemetry/api'],
  platform: 'node',
  plugins: [
    {
      // The package has no file with its licence, but names it.
      name: 'licence',
      generateBundle() {
        const { name, version, license, repository } = JSON.parse(readFileSync(join(driver, 'package.json'), 'utf8'));
        const source = `${name} ${version}, Copyright Redis and contributors, licence ${license}: ${repository.url}\n`;
        this.emitFile({ type: 'asset', fileName: 'driver.LICENSE', source });
      },
    },
  ],
  output: { file: 'dist/client/driver.js', format: 'esm', comments: false },
});
