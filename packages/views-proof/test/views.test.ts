import { join } from 'node:path';
import { needPeers, type RuleState, screenshotsFolder, startBrowser, startVmalert, until } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDashboard } from '../src/dashboard.ts';
import { type Answer, type AnsweredRow, ask } from '../src/draw/ask.ts';
import { draw } from '../src/draw/draw.ts';
import { type Exception, reasonFor } from '../src/exceptions.ts';
import { notInVictoria, withoutSeries } from './exceptions.ts';
import { type Field, startField } from './field/field.ts';
import type { Viewed } from './field/programs.ts';

const [seconds, step] = [120, 10];
/** Alerts about this machine may be right. */
const aboutMachine = /^Host(Load|Memory|File)/;

interface Asked extends Viewed {
  readonly title: string;
  readonly rows: readonly AnsweredRow[];
}

describe.skipIf(
  !needPeers('prometheus', 'pushgateway', 'redis-server', 'postgres', 'victoria-metrics', 'vmalert', 'openssl'),
)('views', () => {
  let field: Field;
  let here: readonly Asked[];
  let there: readonly Asked[];
  beforeAll(async () => {
    field = await startField();
    here = await askUntil(field.prometheus.url, (asked) => lackingIn(asked).length === 0);
    there = await askUntil(field.victoria.url, (asked) => differing(here, asked).length === 0);
  });
  afterAll(() => field?.stop());

  async function askAll(at: string): Promise<Asked[]> {
    const all: Asked[] = [];
    for (const viewed of field.viewed) {
      const dashboard = await readDashboard(join(viewed.folder, 'views/dashboard.json'));
      all.push({ ...viewed, title: dashboard.title, rows: await ask(dashboard, { at, seconds, step }) });
    }
    return all;
  }

  /** Asks again until it is as expected, for a minute: each rate needs two scrapes that are in its range. */
  async function askUntil(at: string, expected: (asked: readonly Asked[]) => boolean): Promise<Asked[]> {
    let last: Asked[] = [];
    const settled = until(
      'series for all panels',
      async () => {
        last = await askAll(at);
        return expected(last) || undefined;
      },
      60_000,
    );
    await settled.catch(() => undefined); // The tests say what is missing.
    return last;
  }

  it('every expression of every panel has series in Prometheus, or a reason for none', () => {
    const answers = answersOf(here);
    expect(lackingIn(here)).toEqual([]);
    expect(withoutSeries.filter(({ of }) => !answers.some(({ expr }) => of.test(expr)))).toEqual([]);
    console.log(`panels: ${answers.length} expressions, ${answers.filter(isAnswered).length} with series`);
    expect(answers.length).toBeGreaterThan(1000);
  });

  it('VictoriaMetrics answers the same expressions', () => {
    expect(differing(here, there)).toEqual([]);
  });

  it('every alert is evaluated, and none fires or is about to', async () => {
    const isEvaluated = (rules: readonly RuleState[]) => rules.every(({ health }) => health !== 'unknown');
    await expect.poll(async () => isEvaluated(await field.prometheus.rules())).toBe(true);
    const rules = await field.prometheus.rules();
    expect(rules.length).toBeGreaterThan(100);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(loud(rules)).toEqual([]);

    const ruleFiles = field.viewed.map(({ folder }) => join(folder, 'views/alerts.yaml'));
    const vmalert = await startVmalert({ ruleFiles, at: field.victoria.url });
    try {
      await expect.poll(async () => (await vmalert.rules()).length).toBe(rules.length);
      await expect.poll(async () => isEvaluated(await vmalert.rules())).toBe(true);
      const same = await vmalert.rules();
      expect(same.filter(({ health }) => health !== 'ok')).toEqual([]);
      expect(loud(same)).toEqual([]);
    } finally {
      await vmalert.stop();
    }
  });

  it.skipIf(!needPeers('chromium'))('a browser draws every panel', async () => {
    const browser = await startBrowser();
    const faults: string[] = [];
    let drawn = 0;
    try {
      for (const { folder, name, title, rows } of here) {
        const screenshots = screenshotsFolder(`dashboard-${name}`);
        const shown = rows
          .map((row) => ({ ...row, panels: row.panels.filter(({ answers }) => answers.some(hasValues)) }))
          .filter(({ panels }) => panels.length > 0);
        for (const verdict of await draw(browser, { title, rows: shown, ...(screenshots && { screenshots }) })) {
          if (verdict.state === 'drawn') drawn++;
          else faults.push(`${folder}: ${verdict.row} / ${verdict.title}: ${verdict.text}`);
        }
      }
    } finally {
      await browser.close();
    }
    expect(faults).toEqual([]);
    expect(drawn).toBeGreaterThan(500);
  });
});

const answersOf = (asked: readonly Asked[]): Answer[] =>
  asked.flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.flatMap(({ answers }) => answers)));

const isAnswered = ({ lines, error }: Answer): boolean => lines.length > 0 && error === undefined;

/** Expressions without series, and without a reason for that. */
const lackingIn = (asked: readonly Asked[]): string[] =>
  unexplained(
    answersOf(asked).filter((answer) => !isAnswered(answer)),
    withoutSeries,
  );

/** Expressions that Prometheus answers and VictoriaMetrics does not, without a reason for that. */
function differing(here: readonly Asked[], there: readonly Asked[]): string[] {
  const answered = new Set(answersOf(here).flatMap((answer) => (isAnswered(answer) ? [answer.expr] : [])));
  const lacking = answersOf(there).filter((answer) => answered.has(answer.expr) && !isAnswered(answer));
  return unexplained(lacking, notInVictoria);
}

/** NaN can't be drawn. */
const hasValues = ({ lines }: Answer): boolean =>
  lines.some(({ points, histograms }) => histograms.length > 0 || points.some(([, value]) => Number.isFinite(value)));

const unexplained = (answers: readonly Answer[], exceptions: readonly Exception[]): string[] =>
  answers
    .filter(({ expr }) => reasonFor(expr, exceptions) === undefined)
    .map(({ expr, error }) => (error === undefined ? expr : `${expr}: ${error}`));

/** Alerts that are not inactive. */
const loud = (rules: readonly RuleState[]): unknown[] =>
  rules
    .filter(({ state, name }) => state !== 'inactive' && !aboutMachine.test(name))
    .map(({ name, state, alerts }) => [name, state, alerts?.[0]?.labels]);
