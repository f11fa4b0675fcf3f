import { expect, it } from 'vitest';
import { composeSchema } from './compose.ts';
import { dockerfileProblems } from './dockerfile.ts';
import { type KubernetesObject, unknownKeys, validateObject } from './kubernetes.ts';

// That these checks can fail.
const service = (port: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a' },
  spec: { selector: { a: 'b' }, ports: [port] },
});

it('finds a wrong type in a Kubernetes object, a key too many, and a kind without a schema', async () => {
  expect(() => validateObject(service({ port: '80' }))).toThrow(/spec\/ports\/0\/port must be integer/);
  validateObject(service({ port: 80 }));
  expect(await unknownKeys([service({ port: 80 })])).toBe('');
  expect(await unknownKeys([service({ port: 80, targetport: 'http' })])).toMatch(/targetport/);
  expect(() => validateObject({ ...service({}), kind: 'Servise' })).toThrow(/no schema is known for v1 Servise/);
});

const good = `FROM node:24-bookworm-slim AS build
COPY package.json lock.json* ./
FROM node:24-bookworm-slim AS run
COPY --from=build /image ./
USER 65532:65532
EXPOSE 80
HEALTHCHECK CMD ["node", "exporter-health.cjs"]
ENTRYPOINT ["node", "dist/main.js"]
`;

it.each<[text: string, by: string, problem: RegExp]>([
  ['node:24-bookworm-slim AS run', 'node:latest AS run', /say which version/],
  ['node:24-bookworm-slim AS run', 'node AS run', /say which version/],
  [' AS run', '', /names of their own/],
  ['COPY package.json', 'COPY package.json none.json', /none\.json: is not there/],
  ['--from=build', '--from=other', /no stage other/],
  ['/image ./', '/image/dist ./dist', /\/image alone/],
  ['USER 65532:65532', 'USER node', /USER/],
  ['USER 65532:65532', 'USER 0', /USER/],
  ['EXPOSE 80', 'EXPOSE 81', /EXPOSE 80/],
  ['CMD ["node", "exporter-health.cjs"]', 'CMD node exporter-health.cjs', /shell/],
  ['"exporter-health.cjs"', '"-e", "fetch()"', /HEALTHCHECK runs exporter-health/],
  ['["node", "dist/main.js"]', 'node dist/main.js', /ENTRYPOINT/],
])('finds %s made %s in a Dockerfile', (text, by, problem) => {
  const exists = (path: string): boolean => path === 'package.json';
  expect(dockerfileProblems(good, exists, 80)).toEqual([]);
  expect(good).toContain(text);
  expect(dockerfileProblems(good.replace(text, by), exists, 80)).toEqual([expect.stringMatching(problem)]);
});

it('finds a service of compose.yaml that may too much, or waits for nobody', () => {
  const build = { context: '.', dockerfile: 'Dockerfile' };
  const parsed = composeSchema.safeParse({ name: 'a', services: { a: { image: 'a:1.0', build, depends_on: ['b'] } } });
  const said = parsed.error?.issues.map(({ message }) => message);
  expect(said).toEqual([
    'b is no service',
    ...['read_only', 'cap_drop', 'security_opt', 'mem_limit'].map((key) => `lacks ${key}`),
  ]);
  expect(composeSchema.safeParse({ name: 'a', services: { a: { image: 'a:latest' } } }).success).toBe(false);
});
