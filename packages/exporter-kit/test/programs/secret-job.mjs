import { collector, gauge, job, runJob } from 'exporter-kit';
import { duration, secret, z } from 'exporter-kit/config';

await runJob(
  job({
    name: 'shop',
    metrics: {
      password: gauge({ name: 'shop_password_characters', help: 'Their number.' }),
      age: gauge({ name: 'shop_age_seconds', help: 'What counts.' }),
    },
    config: z.object({ password: secret(), age: duration('1m'), size: z.number().optional() }),
    collectors: [
      collector({
        name: 'shelf',
        metrics: { key: gauge({ name: 'shop_shelf_key', help: 'Its key.', labels: ['of', 'length'] }) },
        config: z.object({
          of: z.string().default('books'),
          key: secret().default('none'),
          high: z.number().optional(),
        }),
        collect: ({ key }, { config }) => key.set({ of: config.of, length: config.key.length }, 1),
      }),
    ],
    run({ password, age }, { config, log }) {
      log.info({ password: config.password }, 'careless');
      password.set(config.password.length);
      age.set(config.age / 1000);
    },
  }),
);
