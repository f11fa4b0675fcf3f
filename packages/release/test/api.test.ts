import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { entriesOf } from './entries.ts';
import { folderOf } from './pack.ts';

// The public face of the kit, a file an entry in packages/exporter-kit/api: a change of it is seen in the diff.
// UPDATE_GOLDEN=1 writes them again.

const folder = folderOf('exporter-kit');
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'api-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

it.each(entriesOf('exporter-kit'))('$name is as its report says', async ({ name, types }) => {
  const report = `${name.replace('exporter-kit/', '')}.api.md`;
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, types),
      compiler: { overrideTsconfig: { compilerOptions, files: [types] } },
      apiReport: {
        enabled: true,
        reportFileName: report,
        reportFolder: join(folder, 'api'),
        reportTempFolder: scratch,
        includeForgottenExports: false,
      },
      newlineKind: 'lf',
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  });
  const said: string[] = [];
  Extractor.invoke(config, {
    localBuild: process.env.UPDATE_GOLDEN === '1',
    messageCallback: (message) => {
      message.handled = true;
      if (message.logLevel === ExtractorLogLevel.Error) said.push(message.text);
    },
  });
  expect(said).toEqual([]);
  expect(await readFile(join(scratch, report), 'utf8')).toBe(await readFile(join(folder, 'api', report), 'utf8'));
});

const compilerOptions = {
  target: 'es2022',
  lib: ['es2023'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  types: ['node'],
  skipLibCheck: true,
};
