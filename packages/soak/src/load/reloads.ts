import { until } from 'test-servers';
import { ask } from '../ask.ts';
import { brokenConfigs, credentials, goodConfig, webConfig } from '../files.ts';
import { again, type Field, type Load } from './load.ts';

const GAUGE = 'soak_config_last_reload_successful';

/** Reloads by POST and SIGHUP in turn, with valid and invalid files in turn, so that the gauge changes each time. */
export const reloads: Load = (field) =>
  again(field, 'reload', 1500, async (round) => {
    const { files, tally } = field;
    const broken = brokenConfigs[round % brokenConfigs.length]!;
    await files.write(files.config, broken);
    await post(field, 500);
    await files.write(files.config, goodConfig(300));
    await hangUp(field, 1);
    await files.write(files.config, broken);
    await hangUp(field, 0);
    await files.write(files.config, goodConfig(200 + (round % 3) * 50));
    await post(field, 200);

    await files.write(files.web, webConfig.added);
    await post(field, 200);
    await expectAdded(field, 200);
    await files.write(files.web, webConfig.broken);
    await post(field, 500);
    await expectAdded(field, 200);
    await files.write(files.web, webConfig.usual);
    await hangUp(field, 1);
    await expectAdded(field, 401);
    tally.count('round of 7 reloads');
  });

async function post(field: Field, expected: number): Promise<void> {
  const { status, body } = await ask(`${field.url}-/reload`, { method: 'POST', headers: credentials.usual });
  if (status === expected) field.tally.count(`POST /-/reload: ${status}`);
  else throw new Error(`POST: ${status} instead of ${expected}: ${body}`);
  await told(field, expected === 200 ? 1 : 0);
}

async function hangUp(field: Field, expected: 0 | 1): Promise<void> {
  process.kill(field.pid, 'SIGHUP');
  await told(field, expected);
  field.tally.count(`SIGHUP, ${expected === 1 ? 'good' : 'broken'}`);
}

async function told({ url, signal }: Field, expected: 0 | 1): Promise<void> {
  await until(
    `${GAUGE} ${expected}`,
    async () => {
      if (signal.aborted) return true;
      const { body } = await ask(`${url}metrics?collect[]=steady&name[]=${GAUGE}`, { headers: credentials.usual });
      return body.includes(`\n${GAUGE} ${expected}\n`) ? true : undefined;
    },
    50_000,
  );
}

async function expectAdded({ url, tally }: Field, expected: number): Promise<void> {
  const { status } = await ask(`${url}-/status.json`, { headers: credentials.added });
  if (status === expected) tally.count(`user added and removed: ${status}`);
  else throw new Error(`the added user: ${status} instead of ${expected}`);
}
