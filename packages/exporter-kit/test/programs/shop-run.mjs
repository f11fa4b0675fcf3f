// An application that counts, and that its operator tunes as every exporter: by a flag, a variable or a file.
import { counter, exporter, histogram, live, run } from 'exporter-kit';
import { tuning, z } from 'exporter-kit/config';

const metrics = {
  orders: counter({ name: 'shop_orders_total', help: 'Orders.' }),
  took: histogram({ name: 'shop_checkout_seconds', help: 'Time.', unit: 'seconds', buckets: [0.1, 0.5] }),
};

let shop;
function opened(tune) {
  const made = live({ name: 'shop', metrics, tune });
  made.orders.inc();
  made.took.observe(3);
  return made;
}

await run(
  exporter({
    name: 'shop_exporter',
    config: z.object({
      metrics: tuning(metrics),
      greeting: z.string().default('hello').describe('What to say.'),
    }),
    collectors: ({ metrics: tune, greeting }) => {
      process.stderr.write(`greeting: ${greeting} ${JSON.stringify(tune)}\n`);
      shop ??= opened(tune);
      return [shop.collector];
    },
  }),
  { port: 19997 },
);
