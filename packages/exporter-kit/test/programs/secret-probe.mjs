import { exporter, probe, run } from 'exporter-kit';
import { secret, z } from 'exporter-kit/config';

const door = z.object({ pin: secret(), code: z.number().meta({ secret: true }) });

await run(
  exporter({
    name: 'door_exporter',
    probes: [
      probe({
        name: 'door',
        metrics: {},
        config: z.object({ doors: z.record(z.string(), door) }),
        probe(_, { config, log }) {
          log.info({ careless: config.doors.front.pin }, 'tried');
          throw new Error(`not opened by ${config.doors.front.pin}`);
        },
      }),
    ],
  }),
  { port: 19997 },
);
