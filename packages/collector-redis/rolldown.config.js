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
      // We send words, not methods. Clusters, pools and the methods of 470 commands would be two thirds of what is loaded, and
      // stay in memory: 3 MB. The driver itself takes three of its commands to log in.
      name: 'client only',
      load(id) {
        if (id === join(driver, 'dist/index.js')) {
          return `exports.createClient = require('./lib/client').default.create;
            exports.ErrorReply = require('./lib/errors').ErrorReply;`;
        }
        if (id !== join(driver, 'dist/lib/commands/index.js')) return null;
        const own = ['AUTH', 'CLIENT_SETNAME', 'READONLY'];
        return `exports.__esModule = true;
          exports.default = { ${own.map((name) => `${name}: require('./${name}').default`)} };`;
      },
    },
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
