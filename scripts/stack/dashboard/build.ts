import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableHide,
  VariableRefresh,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import {
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  StackingMode,
  VizLegendOptionsBuilder,
  StackingConfigBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { ROWS, type Panel } from './panels.ts';

const SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** The dashboard, as Grafana's schema has it. */
export function buildDashboard(): Dashboard {
  const dashboard = new DashboardBuilder('Claude API')
    .uid('anthropic-claude-api')
    .description(
      'Calls to the Claude API: traffic, errors, rate limits, retries, latency, tokens, and the Collector’s health.',
    )
    .tags(['anthropic', 'opentelemetry'])
    .editable()
    .time({ from: 'now-3h', to: 'now' })
    .refresh('30s')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
    .withVariable(labelVariable('service', 'Service', 'service_name'))
    .withVariable(labelVariable('environment', 'Environment', 'deployment_environment_name'))
    .withVariable(labelVariable('model', 'Model', 'gen_ai_request_model'));
  for (const row of ROWS) {
    dashboard.withRow(new RowBuilder(row.title));
    for (const panel of row.panels) dashboard.withPanel(panelBuilder(panel));
  }
  return dashboard.build();
}

/** A variable of a label's values. "All" also matches series without the label. */
function labelVariable(name: string, title: string, label: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(title)
    .datasource(SOURCE)
    .query(`label_values(anthropic:calls:increase5m, ${label})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .hide(VariableHide.DontHide)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: 'All', value: '$__all' });
}

function panelBuilder(panel: Panel): PanelBuilder {
  const builder = new PanelBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(SOURCE)
    .unit(panel.unit)
    .min(0)
    .span(panel.width ?? 8)
    .height(8)
    .drawStyle(GraphDrawStyle.Line)
    .lineWidth(1)
    .fillOpacity(panel.stacked === true ? 30 : 0)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    );
  if (panel.stacked === true) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  for (const [index, line] of panel.lines.entries()) {
    const refId = String.fromCodePoint(65 + index);
    builder.withTarget(
      new DataqueryBuilder().refId(refId).expr(line.query).legendFormat(line.legend).range(),
    );
  }
  return builder;
}
