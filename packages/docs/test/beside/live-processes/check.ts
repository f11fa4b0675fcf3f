import { server, worker } from './threads.ts';

console.log(server.url);
process.once('SIGTERM', async () => {
  await worker.terminate();
  await server.close();
});
