import { gauge, job, runJob } from 'exporter-kit';
import { z } from 'zod';

const work = job({
  name: 'test job',
  metrics: { items: gauge({ name: 'items', help: 'Items done.' }) },
  config: z.object({ fail: z.boolean().default(false), hang: z.boolean().default(false) }),
  async run({ items }, { config, signal }) {
    if (config.fail) throw new Error('no space left');
    if (config.hang) {
      console.error('hanging');
      await new Promise((_, reject) => {
        const timer = setInterval(() => {}, 1000);
        signal.addEventListener('abort', () => {
          clearInterval(timer);
          reject(signal.reason);
        });
      });
    }
    items.add(3);
  },
});

await runJob(work, { version: '2.0.0' });
