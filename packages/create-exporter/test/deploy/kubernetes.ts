import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** What `kubernetes-models` and its like have for an object: a class with the schema, and its type. */
const models: Readonly<Record<string, string>> = {
  'apps/v1 Deployment': 'kubernetes-models/apps/v1',
  'v1 ConfigMap': 'kubernetes-models/v1',
  'v1 Service': 'kubernetes-models/v1',
  'networking.k8s.io/v1 NetworkPolicy': 'kubernetes-models/networking.k8s.io/v1',
  'batch/v1 CronJob': 'kubernetes-models/batch/v1',
  'monitoring.coreos.com/v1 Probe': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
};

/** A Kubernetes object, as YAML has it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
  /** Of a ConfigMap. */
  readonly data?: Readonly<Record<string, string>>;
}

const require = createRequire(import.meta.url);

/**
 * Holds an object against the JSON schema of its kind: types, what is required, patterns.
 *
 * @throws Error with what is wrong; also for a kind that is not known here.
 */
export function validateObject(object: KubernetesObject): void {
  const Model = require(moduleOf(object))[object.kind] as new (data: unknown) => { validate(): void };
  new Model(object).validate();
}

/**
 * What the compiler says about objects: unlike the schemas, types know every key that there is.
 *
 * @returns its complaints; empty when there are none.
 */
export async function unknownKeys(objects: readonly KubernetesObject[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kubernetes-'));
  try {
    const lines = objects.map((object, i) => {
      const types = require.resolve(moduleOf(object)).replace(/\.js$/, '');
      return `export const o${i}: import(${JSON.stringify(types)}).I${object.kind} = ${JSON.stringify(object)};`;
    });
    const file = join(folder, 'objects.ts');
    await writeFile(file, `${lines.join('\n')}\n`);
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'commonjs', '--moduleResolution', 'bundler'];
    await promisify(execFile)(process.execPath, [tsc, ...flags, '--types', '', '--ignoreConfig', file]);
    return '';
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? String(error);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function moduleOf({ apiVersion, kind }: KubernetesObject): string {
  const module = models[`${apiVersion} ${kind}`];
  if (module === undefined) throw new Error(`no schema is known for ${apiVersion} ${kind}; add its module here.`);
  return `${module}/${kind}`;
}
