import { exporter, nodeListener } from 'exporter-kit';
import { httpServer } from 'exporter-kit/http';
import { serveApp } from './express-app.ts';

const http = httpServer();
const metrics = nodeListener(exporter({ name: 'bench_exporter', collectors: [http.collector] }));
serveApp((app) => {
  // Before the middleware, so that scrapes are not counted.
  app.get('/metrics', metrics);
  app.use(http.express());
});
