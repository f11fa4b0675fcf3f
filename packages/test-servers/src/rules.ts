/** A rule as Prometheus and vmalert describe it in `GET /api/v1/rules`. */
export interface RuleState {
  readonly type: 'alerting' | 'recording';
  readonly name: string;
  readonly query: string;
  /** `unknown` before its first evaluation. */
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
  /** Of an alerting rule. */
  readonly state?: 'inactive' | 'pending' | 'firing';
  readonly alerts?: readonly AlertState[];
}

/** An alert of a rule, for one set of labels. */
export interface AlertState {
  readonly labels: { readonly [label: string]: string };
  readonly annotations: { readonly [name: string]: string };
  readonly state: 'pending' | 'firing';
  readonly value: string;
}

/** All rules of an engine. */
export async function rulesOf(url: string): Promise<RuleState[]> {
  const answer = (await (await fetch(`${url}/api/v1/rules`)).json()) as {
    data: { groups: readonly { rules: readonly RuleState[] }[] };
  };
  return answer.data.groups.flatMap(({ rules }) => rules);
}
