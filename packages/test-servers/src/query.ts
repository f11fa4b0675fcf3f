/** One series of a query's result. */
export interface QueryResult {
  readonly metric: { readonly [label: string]: string };
  readonly value: number;
  /** Time of evaluation, in Unix seconds. */
  readonly time: number;
}

/**
 * An instant query over Prometheus's API, which other engines have too; a scalar becomes one result without labels.
 *
 * @param parameters further parameters of the API, such as `time`.
 */
export async function query(url: string, promql: string, parameters: object = {}): Promise<QueryResult[]> {
  const body = new URLSearchParams({ query: promql, ...parameters });
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body });
  const answer = (await response.json()) as Answer;
  if (answer.status !== 'success') throw new Error(`${promql} failed: ${answer.error}`);
  const { data } = answer;
  if (data.resultType === 'scalar') return [{ metric: {}, ...point(data.result) }];
  if (data.resultType === 'vector') return data.result.map(({ metric, value }) => ({ metric, ...point(value) }));
  throw new Error(`${promql} is a ${data.resultType}, not an instant vector`);
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
