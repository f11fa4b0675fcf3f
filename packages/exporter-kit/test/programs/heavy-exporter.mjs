import { collector, exporter, gauge, run } from 'exporter-kit';
import { inThread } from 'exporter-kit/thread';

const steady = collector({
  name: 'steady',
  metrics: { value: gauge({ name: 'steady_value', help: 'Always there.' }) },
  collect: ({ value }) => value.set(1),
});
const heavy = await inThread(new URL('./heavy.mjs', import.meta.url), { data: { script: process.env.SCRIPT } });

await run(exporter({ name: 'test_exporter', collectors: [heavy, steady] }), { port: 19999 });
