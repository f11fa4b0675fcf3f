export { type Alertmanager, type DeliveredAlert, startAlertmanager } from './alertmanager.ts';
export { type BlackboxExporter, startBlackboxExporter } from './blackbox-exporter.ts';
export { type Browser, type BrowserPage, screenshot, screenshotsFolder, startBrowser } from './browser.ts';
export { type Certificate, type Certificates, makeCertificates } from './certificates.ts';
export { type Contained, needContainers, startContained } from './container.ts';
export { chosenGeneration, findPeer, type Generation, type ProgramName } from './find.ts';
export { needPeers, type Peer } from './need.ts';
export { type NodeExporter, startNodeExporter } from './node-exporter.ts';
export {
  type PostgresExporter,
  type PostgresOptions,
  type PostgresServer,
  type SqlRow,
  startPostgres,
  startPostgresExporter,
} from './postgresql.ts';
export { type Exit, type Program, type RunOptions, runProgram, startProgram } from './program.ts';
export {
  type Prometheus,
  type PrometheusOptions,
  type ScrapeConfig,
  scrapeOf,
  startPrometheus,
} from './prometheus.ts';
export { type PromtoolVerdict, promtool, promtoolCheckMetrics } from './promtool.ts';
export { type PushedGroup, type Pushgateway, startPushgateway } from './pushgateway.ts';
export { type PythonExemplar, type PythonFamily, type PythonSample, pythonParse } from './python.ts';
export type { QueryResult } from './query.ts';
export {
  type RedisExporter,
  type RedisOptions,
  type RedisReply,
  type RedisServer,
  startRedis,
  startRedisExporter,
} from './redis.ts';
export { REGISTRY_DATE } from './registry-date.ts';
export type { AlertState, RuleState } from './rules.ts';
export { type Server, type ServerOptions, startListening, startServer, until } from './server.ts';
export { type Unprivileged, unprivileged } from './unprivileged.ts';
export { startVictoriaMetrics, type VictoriaMetrics } from './victoria-metrics.ts';
export { startVmagent } from './vmagent.ts';
export { startVmalert, type Vmalert, type VmalertOptions } from './vmalert.ts';
