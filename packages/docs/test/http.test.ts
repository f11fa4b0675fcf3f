import { expect, it } from 'vitest';
import { runSnippet } from './run.ts';

it("runs the page's servers and client", async () => {
  const { stdout } = await runSnippet('http', 'check.js');
  const counted = ['express', 'fastify', 'hono', 'node'].flatMap((title) => [
    `${title} http_server_request_duration_seconds_count{method="GET",route="/users/:id",code="200"} 1`,
    `${title} http_server_requests_in_flight{method="GET"} 0`,
  ]);
  counted.push('calls http_client_request_duration_seconds_count{method="GET",host="other",code="200"} 4');
  expect(stdout.trim().split('\n')).toEqual(counted);
});
