import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleOf } from './bundle.ts';

// The last step of the build: puts the repository's templates beside the program.
const root = fileURLToPath(new URL('../../../..', import.meta.url));
await writeFile(new URL('../templates.json', import.meta.url), JSON.stringify(await bundleOf(root)));
