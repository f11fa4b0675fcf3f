import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import type * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import type * as stat from '@grafana/grafana-foundation-sdk/stat';
import type * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import type * as table from '@grafana/grafana-foundation-sdk/table';
import type * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

// Grafana's published types, as plain JSON: the compiler checks each field's name and value. Types only, as the package's
// builders for this schema are deprecated, and it is 11 MB.

/** The same with the values of enums. */
type Json<T> = T extends string
  ? `${T}`
  : T extends readonly (infer One)[]
    ? readonly Json<One>[]
    : T extends object
      ? { readonly [K in keyof T]: Json<T[K]> }
      : T;

export type Dashboard = Json<Omit<dashboard.Dashboard, 'panels'>> & {
  readonly panels: readonly (GrafanaPanel | Row)[];
};
export type Row = Json<Omit<dashboard.RowPanel, 'panels'>> & { readonly panels: readonly GrafanaPanel[] };
export type Variable = Json<dashboard.VariableModel>;
export type GridPos = Json<dashboard.GridPos>;
export type Mapping = Json<dashboard.ValueMap>;
export type Thresholds = Json<dashboard.ThresholdsConfig>;
export type Target = Json<Omit<prometheus.Dataquery, '_implementsDataqueryVariant'>>;

type Defaults<Custom> = Json<Omit<dashboard.FieldConfig, 'custom'>> & { readonly custom?: Json<Custom> };
interface PanelOf<Type extends string, Options, Custom> {
  readonly type: Type;
  readonly options: Json<Options>;
  readonly fieldConfig: { readonly defaults: Defaults<Custom>; readonly overrides: readonly [] };
}

/** What differs between the panels' plugins. */
export type Plugin =
  | PanelOf<'timeseries', timeseries.Options, timeseries.FieldConfig>
  | PanelOf<'stat', stat.Options, Record<never, never>>
  | PanelOf<'table', table.Options, table.FieldConfig>
  | PanelOf<'state-timeline', statetimeline.Options, statetimeline.FieldConfig>
  | PanelOf<'heatmap', heatmap.Options, heatmap.FieldConfig>;

export type GrafanaPanel = Json<
  Pick<dashboard.Panel, 'id' | 'title' | 'description' | 'datasource' | 'gridPos' | 'transformations'>
> & { readonly targets: readonly Target[] } & Plugin;
