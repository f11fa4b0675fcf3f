import { collector, exporter, gauge, run } from 'exporter-kit';
import { duration, secret, z } from 'exporter-kit/config';

const value = (name, help) => gauge({ name, help });

await run(
  exporter({
    name: 'shop_exporter',
    version: '1.2.3',
    config: z.object({
      shop: z.string().default('corner').describe('Which shop.'),
      size: z.number().default(1).describe('How large it is.'),
      timeout: duration('5s').describe('How long to wait.'),
      maxAge: duration().optional().describe('What is older does not count.'),
      password: secret().optional().describe('For the shop.'),
      shelves: z
        .array(z.object({ name: z.string(), height: z.number() }))
        .default([])
        .describe('Its shelves.'),
    }),
    collectors: ({ shop, size, timeout, password, shelves }) => [
      collector({
        name: 'size',
        metrics: {
          size: value('shop_size', 'Its size.'),
          shelves: value('shop_shelves', 'How many.'),
          timeout: value('shop_timeout_seconds', 'How long it waits.'),
          password: value('shop_password_characters', 'Their number.'),
        },
        collect(write) {
          write.size.set(size);
          write.shelves.set(shelves.length);
          write.timeout.set(timeout / 1000);
          write.password.set(password?.length ?? 0);
        },
      }),
      collector({
        name: 'greeting',
        metrics: { length: value('shop_greeting_length', 'Its length.') },
        config: z.object({
          word: z.string().default('hello').describe('What to say.'),
          times: z.array(z.int()).default([1]).describe('How often.'),
        }),
        collect: ({ length }, { config }) => length.set(config.word.length * config.times.length),
      }),
      collector({
        name: 'leaky',
        metrics: {},
        enabled: false,
        collect() {
          throw Object.assign(new Error(`no access for ${shop}:${password}`), { code: 'EACCES' });
        },
      }),
      collector({
        name: 'slow',
        metrics: { done: value('shop_slow_done', 'Whether it has ended well.') },
        enabled: false,
        // Ends when somebody asks for it, so that a test knows what is under way.
        async collect({ done }) {
          process.stderr.write('slow: begun\n');
          await new Promise((resolve) => process.once('SIGUSR2', resolve));
          done.set(1);
        },
      }),
      collector({
        name: 'stray',
        metrics: {},
        enabled: false,
        collect() {
          setImmediate(() => {
            throw new Error('thrown into the void');
          });
          void Promise.reject(new Error('rejected into the void'));
        },
      }),
    ],
  }),
  { port: 19998 },
);
