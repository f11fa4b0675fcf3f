/** One series of a query's answer. */
export interface QueryResult {
  readonly metric: { readonly [label: string]: string };
  readonly value: number;
  /** Seconds since the epoch: when the query was evaluated. */
  readonly time: number;
}

/**
 * An instant query by Prometheus's API, which others have too; a scalar comes as one result without labels.
 *
 * @param parameters further ones of the API, such as `time`.
 */
export async function query(url: string, promql: string, parameters: object = {}): Promise<QueryResult[]> {
  const body = new URLSearchParams({ query: promql, ...parameters });
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body });
  const answer = (await response.json()) as Answer;
  if (answer.status !== 'success') throw new Error(`${promql} is refused: ${answer.error}`);
  const { data } = answer;
  if (data.resultType === 'scalar') return [{ metric: {}, ...point(data.result) }];
  if (data.resultType === 'vector') return data.result.map(({ metric, value }) => ({ metric, ...point(value) }));
  throw new Error(`${promql} is no instant vector but a ${data.resultType}`);
}

type Point = [time: number, value: string];
type Answer =
  | { status: 'error'; error: string }
  | {
      status: 'success';
      data:
        | { resultType: 'vector'; result: { metric: { [label: string]: string }; value: Point }[] }
        | { resultType: 'scalar'; result: Point }
        | { resultType: 'matrix' | 'string' };
    };

function point([time, text]: Point): { time: number; value: number } {
  return { time, value: Number(text.replace('Inf', 'Infinity')) };
}
