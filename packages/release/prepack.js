import { existsSync, readFileSync } from 'node:fs';

// What must not be published, said before anything is packed. A package's `prepack` runs this in its folder.

const { name, exports, bin = {} } = JSON.parse(readFileSync('package.json', 'utf8'));
const entries = [...Object.values(exports).flatMap((entry) => [entry.types, entry.default]), ...Object.values(bin)];
const missing = entries.filter((path) => !existsSync(path));

// npm and yarn would leave `catalog:` for versions, and pnpm alone what only this repository reads.
if (process.env.pnpm_config_pnpmfile === undefined) refuse('run `npm run release` in the root of the repository.');
else if (missing.length > 0) refuse(`it is not built, ${missing.join(', ')} missing; run \`npm run build\` first.`);

function refuse(why) {
  console.error(`${name} is not packed: ${why}`);
  process.exitCode = 1;
}
