import { gaugeRegistry } from './prom-client-gauges.ts';
import { promClientListener } from './prom-client-http.ts';
import { answerUnserved } from './unserved.ts';

await answerUnserved((source) => {
  const { registry, read } = gaugeRegistry(source);
  return promClientListener(registry, read);
});
