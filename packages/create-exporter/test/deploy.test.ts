import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPeer, needPeers } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { placeholder } from '../src/names/names.ts';
import { renderProject } from '../src/plan/render.ts';
import { bundledTemplates, bundleOf } from '../src/templates/bundle.ts';
import { projectTemplates, type Template } from '../src/templates/templates.ts';
import { composeSchema } from './deploy/compose.ts';
import { dockerfileProblems } from './deploy/dockerfile.ts';
import { type KubernetesObject, unknownKeys, validateObject } from './deploy/kubernetes.ts';

// What is deployed, of every template, in every way, in a workspace and outside of one: rendered, not installed. Images are
// not built here; image.test.ts runs their steps.
const repository = fileURLToPath(new URL('../../..', import.meta.url));
const bundle = await bundleOf(repository);
const templates = projectTemplates(bundledTemplates(bundle)).filter(({ into }) => into === 'apps');
const promtool = needPeers('promtool');
const systemd = needPeers('systemd-analyze');
const name = 'acme-widget-of-a-team-with-a-longer-name';

/** A project, as it would be written. */
interface Made {
  readonly packageName: string;
  readonly port: number | undefined;
  readonly files: Readonly<Record<string, string>>;
  /** Whether it has a file, or a folder. */
  has(path: string): boolean;
}

async function make(template: Template, deploy: string, alone = false): Promise<Made> {
  const port = template.port === undefined ? undefined : 19123;
  const about = { template: template.name, name, ...(port === undefined ? {} : { port }), answers: { deploy } };
  const workspace = { kind: 'folder' as const, root: '/nowhere', templates, shared: [] };
  const rendered = await renderProject(about, alone ? { ...workspace, bundle } : workspace);
  const files = Object.fromEntries([...rendered].map(([path, bytes]) => [path, Buffer.from(bytes).toString()]));
  const has = (path: string): boolean => Object.keys(files).some((file) => `${file}/`.startsWith(`${path}/`));
  return { packageName: template.packageName.replace(placeholder, name), port, files, has };
}

it('every template can be deployed', () => {
  expect(templates.length).toBeGreaterThan(2);
  for (const template of templates) {
    expect(Object.keys(template.deploy), template.name).toEqual(['docker', 'compose', 'k8s', 'systemd']);
  }
});

describe.each(templates)('$name', (template) => {
  const listed = new Set(Object.values(template.deploy).flat());

  it.each(['none', 'all', ...Object.keys(template.deploy), 'docker,systemd'])(
    'has what was chosen: %s',
    async (way) => {
      const chosen = way === 'all' ? Object.keys(template.deploy) : way === 'none' ? [] : way.split(',');
      const wanted = new Set(chosen.flatMap((one) => template.deploy[one]!));
      const { has } = await make(template, way);
      for (const path of listed) expect(has(path), path).toBe(wanted.has(path));
      expect(has('deploy/prometheus/scrape.yml')).toBe(true);
    },
  );

  describe.each([
    ['in a workspace', false],
    ['standing alone', true],
  ])('%s', (_, alone) => {
    it('has a Dockerfile whose sources are there, and which runs as nobody', async () => {
      const { files, has, port } = await make(template, 'docker', alone);
      const exists = (path: string): boolean =>
        alone ? path === '.' || has(path) : existsSync(join(repository, path));
      expect(dockerfileProblems(files.Dockerfile!, exists, port)).toEqual([]);
    });

    it('has labels for registries, with the version of package.json', async () => {
      const { files } = await make(template, 'docker', alone);
      const label = (name: string): string => `org.opencontainers.image.${name}="`;
      for (const one of ['title', 'version', 'revision', 'source']) expect(files.Dockerfile).toContain(label(one));
      expect(files.Dockerfile).toContain(`ARG VERSION=${JSON.parse(files['package.json']!).version}\n`);
    });

    it('has a compose.yaml whose parts fit', async () => {
      const { packageName, files, has, port } = await make(template, 'compose', alone);
      const { name: project, services } = composeSchema.parse(yaml(files['deploy/compose.yaml']!)[0]);
      expect(project).toBe(packageName);
      const { build, ports, environment = {} } = services[packageName]!;
      if (port !== undefined) expect(ports).toContain(`127.0.0.1:${port}:${port}`);
      const context = join('/root/apps', packageName, 'deploy', build!.context);
      expect(context).toBe(alone ? `/root/apps/${packageName}` : '/root');
      expect(join(context, build!.dockerfile)).toBe(`/root/apps/${packageName}/Dockerfile`);
      const mounted = Object.values(services).flatMap(({ volumes = [] }) => volumes.map((one) => one.split(':')[0]!));
      for (const path of mounted) expect(has(join('deploy', path)), path).toBe(true);
      for (const url of Object.values(environment)) expect(Object.keys(services)).toContain(new URL(url).hostname);
      // Prometheus scrapes services by the names they have here.
      const hosts = files['deploy/prometheus/scrape.yml']!.matchAll(/'([a-z-]+):\d+'/g);
      for (const [, host] of hosts) expect(Object.keys(services)).toContain(host);
    });
  });

  it('has Kubernetes objects of their schemas, which find each other', async () => {
    const { files, packageName, port } = await make(template, 'k8s');
    const objects = objectsOf(files);
    for (const object of objects) validateObject(object);
    expect(await unknownKeys(objects)).toBe('');
    const labels = { 'app.kubernetes.io/name': packageName };
    for (const { metadata } of objects) expect(metadata).toEqual({ name: packageName, labels });
    const kinds = objects.map(({ kind }) => kind).sort();
    expect(kinds).toEqual(
      expect.arrayContaining(port ? ['Deployment', 'NetworkPolicy', 'Service'] : ['CronJob', 'NetworkPolicy']),
    );

    const of = (kind: string): unknown => objects.find((object) => object.kind === kind)?.spec;
    const pod = { metadata: { labels }, spec: podSpec(packageName) };
    const policy = { podSelector: { matchLabels: labels }, policyTypes: ['Ingress'] };
    if (port === undefined) {
      expect(of('NetworkPolicy')).toEqual({ ...policy, ingress: [] });
      return expect(of('CronJob')).toMatchObject({ jobTemplate: { spec: { template: pod } } });
    }
    const from = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }];
    const open = packageName.endsWith('-app') ? [{ ports: [{ port: 'http' }] }] : [];
    expect(of('NetworkPolicy')).toEqual({ ...policy, ingress: [...open, { from, ports: [{ port: 'metrics' }] }] });
    const probe = (path: string) => ({ httpGet: { path, port: 'metrics' } });
    const container = {
      ports: expect.arrayContaining([{ name: 'metrics', containerPort: port }]),
      livenessProbe: probe('/-/healthy'),
      readinessProbe: probe('/-/ready'),
    };
    expect(of('Deployment')).toMatchObject({ selector: { matchLabels: labels }, template: pod });
    expect(of('Deployment')).toMatchObject({ template: { spec: { containers: [container] } } });
    const metrics = { name: 'metrics', port, targetPort: 'metrics' };
    expect(of('Service')).toEqual({ selector: labels, ports: expect.arrayContaining([metrics]) });
    if (of('Probe')) expect(of('Probe')).toMatchObject({ prober: { url: `${packageName}:${port}`, path: '/probe' } });
  });

  it('has one pod at a time where two would count everything twice', async () => {
    const { files } = await make(template, 'k8s');
    const spec = objectsOf(files).find(({ kind }) => kind === 'Deployment')?.spec;
    if (template.packageName !== `${placeholder}-exporter`) return expect(spec ?? {}).not.toHaveProperty('strategy');
    expect(spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  });

  it('has a kustomization of all its objects, and of its views', async () => {
    const { files, packageName } = await make(template, 'k8s');
    const there = Object.keys(files).filter((path) => dirname(path) === 'deploy/k8s');
    const text = files['deploy/k8s/kustomization.yaml']!;
    // Examples, too.
    const [{ resources, images }] = yaml(text.replaceAll('# - ', '- ')) as [Kustomization];
    const named = resources.filter((name) => name !== '../../views').map((name) => `deploy/k8s/${name}`);
    expect(named.sort()).toEqual(there.filter((path) => !path.endsWith('/kustomization.yaml')).sort());
    expect(images).toEqual([{ name: packageName, newTag: JSON.parse(files['package.json']!).version }]);
    const views = (name: string): string => join(repository, 'templates', template.name, 'views', name);
    expect(resources).toContain('../../views');
    const [listed] = yaml(await readFile(views('kustomization.yaml'), 'utf8')) as [Kustomization];
    for (const name of listed.resources) expect(existsSync(views(name)), name).toBe(true);
  });

  it('mounts what its settings name', async () => {
    const { files } = await make(template, 'k8s');
    const objects = objectsOf(files);
    const data = objects.find(({ kind }) => kind === 'ConfigMap')?.data ?? {};
    const text = files['deploy/k8s/deployment.yaml'] ?? '';
    const [, mounted] = /mountPath: ([^ ,]+),/.exec(text) ?? [];
    for (const [, file] of text.matchAll(/_CONFIG_FILE, value: (\S+) \}/g)) {
      expect(dirname(file!)).toBe(mounted);
      expect(Object.keys(data)).toContain(basename(file!));
    }
  });

  it.runIf(promtool)('has a scrape configuration that promtool accepts', async () => {
    const { files, packageName, port } = await make(template, 'none');
    const snippet = files['deploy/prometheus/scrape.yml']!;
    const folder = await scratch();
    await writeFile(join(folder, 'prometheus.yml'), `global: { scrape_interval: 15s }\n${snippet}`);
    execFileSync(findPeer('promtool')!, ['check', 'config', join(folder, 'prometheus.yml')], { stdio: 'pipe' });
    expect(snippet).toContain(port === undefined ? 'honor_labels: true' : `'${packageName}:${port}'`);
  });

  it.runIf(systemd)('has systemd units without fault, and hardly exposed', async () => {
    const { files, packageName } = await make(template, 'systemd');
    const folder = await scratch();
    const units = Object.keys(files).filter((path) => path.startsWith('deploy/systemd/'));
    expect(units.length).toBeGreaterThan(0);
    for (const path of units) {
      // systemd looks for node where machines have it, which need not be where it is here. Examples are checked, too.
      const text = files[path]!.replace('ExecStart=node ', `ExecStart=${process.execPath} `).replaceAll(
        /^#(?=[A-Z]\w+=)/gm,
        '',
      );
      await writeFile(
        join(folder, basename(path)),
        text.replace('ExecReload=kill ', `ExecReload=${process.execPath} `),
      );
    }
    const analyze = (...args: string[]) =>
      spawnSync(findPeer('systemd-analyze')!, args, { cwd: folder, encoding: 'utf8' });
    // It only warns of what it does not know, and may say something about units of this machine.
    const { status, stderr } = analyze('verify', '--man=no', ...units.map((path) => basename(path)));
    expect({ status, said: stderr.split('\n').filter((line) => line.includes(packageName)) }).toEqual({
      status: 0,
      said: [],
    });
    for (const service of units.map((path) => basename(path)).filter((file) => file.endsWith('.service'))) {
      // In tenths; a service that may do anything has 100.
      const security = analyze('security', '--offline=true', '--threshold=15', '--no-pager', join(folder, service));
      expect(security.status, security.stdout).toBe(0);
    }
  });

  it('has credentials in its unit for every setting that names a file with secrets', async () => {
    const { files } = await make(template, 'systemd');
    const unit = Object.entries(files).find(([path]) => path.endsWith('.service'))![1];
    const loaded = [...unit.matchAll(/^#LoadCredential=([\w.]+):\/etc\/\S+\/\1$/gm)].map(([, id]) => id);
    const set = [...unit.matchAll(/^#Environment=(\w+)=%d\/([\w.]+)$/gm)].map(([, variable, id]) => ({ variable, id }));
    for (const { id } of set) expect(loaded).toContain(id);
    const secret = /`(\w+_(?:WEB_CONFIG|TOKEN|PASSWORD)_FILE)`/g;
    const named = [...files['README.md']!.matchAll(secret)].map(([, variable]) => variable);
    expect(set.map(({ variable }) => variable).sort()).toEqual(named.sort());
  });

  it('names variables in its files that its README has', async () => {
    const { files } = await make(template, 'all');
    const own = name.replaceAll('-', '_').toUpperCase();
    const deployed = Object.entries(files).filter(([path]) => path.startsWith('deploy/'));
    const named = deployed.flatMap(([, text]) => text.match(new RegExp(`\\b${own}_[A-Z_]+`, 'g')) ?? []);
    expect(named.length).toBeGreaterThan(1);
    for (const variable of named) expect(files['README.md']).toContain(`\`${variable}\``);
  });
});

it('templates of one kind are deployed in one way', async () => {
  const first = templates.find((template) => template.name === 'scrape-exporter')!;
  const others = templates.filter((template) => template.packageName === first.packageName && template !== first);
  for (const other of others) {
    const [a, b] = [await make(first, 'all'), await make(other, 'all')];
    for (const path of Object.keys(a.files).filter((each) => /^(deploy\/|standalone\/|Dockerfile)/.test(each))) {
      // Not all of them have a token.
      expect(b.files[path], `${other.name}: ${path}`).toBe(a.files[path]!.replaceAll(/^ *#.*token.*\n/gim, ''));
    }
  }
});

interface Kustomization {
  readonly resources: string[];
  readonly images: readonly object[];
}

/** What any pod of ours promises. */
const podSpec = (container: string) => ({
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: container,
      image: `${container}:0.1.0`,
      resources: { limits: { cpu: expect.any(String), memory: expect.stringMatching(/^\d+Mi$/) } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    },
  ],
});

/** All documents; whatever YAML 1.2 has doubts about is an error. */
function yaml(text: string): unknown[] {
  return parseAllDocuments(text, { strict: true, uniqueKeys: true }).map((document) => {
    const problems = [...document.errors, ...document.warnings];
    if (problems.length > 0) throw problems[0];
    return document.toJS();
  });
}

const objectsOf = (files: Made['files']): KubernetesObject[] =>
  Object.entries(files)
    .filter(([path]) => dirname(path) === 'deploy/k8s' && basename(path) !== 'kustomization.yaml')
    .flatMap(([, text]) => yaml(text) as KubernetesObject[]);

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'deploy-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}
