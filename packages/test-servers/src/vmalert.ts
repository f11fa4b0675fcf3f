import { locatePeer } from './find.ts';
import { type RuleState, rulesOf } from './rules.ts';
import { answersAt, type Server, startListening } from './server.ts';

/** Options of vmalert. */
export interface VmalertOptions {
  /** Rule files. */
  readonly ruleFiles: readonly string[];
  /** URL of the VictoriaMetrics that it asks, and writes recorded series to. */
  readonly at: string;
}

export interface Vmalert extends Server {
  rules(): Promise<RuleState[]>;
}

/** Starts a real vmalert that evaluates every second and notifies nobody. */
export async function startVmalert({ ruleFiles, at }: VmalertOptions): Promise<Vmalert> {
  const server = await startListening({
    command: locatePeer('vmalert'),
    isReady: (address) => answersAt(`http://${address}/health`),
    flags: (address) => [
      `-httpListenAddr=${address}`,
      `-datasource.url=${at}`,
      `-remoteWrite.url=${at}`,
      '-notifier.blackhole',
      '-evaluationInterval=1s',
      ...ruleFiles.map((file) => `-rule=${file}`),
    ],
  });
  return { ...server, rules: () => rulesOf(server.url) };
}
