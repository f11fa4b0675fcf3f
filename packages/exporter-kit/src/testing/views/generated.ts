import { alertsOf, rulesOf } from '../../views/alerts/alerts-of.ts';
import { panelsOf } from '../../views/dashboard/panels-of.ts';
import type { DeclaredProgram } from '../../views/declared.ts';
import type { Asked } from './asked.ts';

/** The expressions of the panels that the kit makes from a program's declarations, and of its own rows. */
export function askedInPanels(program: DeclaredProgram): Asked[] {
  return panelsOf(program).flatMap(({ title: row, panels }) =>
    panels.flatMap(({ title, type, unit, queries }) =>
      queries.map(({ expr, legend, isInstant = false }) => ({
        file: 'dashboard.json',
        place: `row ${row}, panel ${title}`,
        use: 'panel' as const,
        text: expr,
        legend,
        ...(type === 'heatmap' ? {} : { unit }),
        isInstant,
      })),
    ),
  );
}

/** The expressions of the alerts and recording rules made from a program's declarations. */
export function askedInAlerts(program: DeclaredProgram): Asked[] {
  return [
    ...rulesOf(program).map(({ record, expr }) => ({
      file: 'rules.yaml',
      place: `record ${record}`,
      use: 'record' as const,
      text: expr,
      record,
    })),
    ...alertsOf(program).map(({ alert, expr, for: held, severity, summary, description }) => ({
      file: 'alerts.yaml',
      place: `alert ${alert}`,
      use: 'alert' as const,
      text: expr,
      held,
      labels: { severity },
      annotations: { summary, description },
    })),
  ];
}
