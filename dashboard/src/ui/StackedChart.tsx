import "@mantine/charts/styles.layer.css";

import { BarChart } from "@mantine/charts";
import { useMemo } from "react";

import type { Chart, ChartPart, ChartPoint } from "../api/schema";
import { useColors } from "../lib/colors";
import { formatBound, formatCost } from "../lib/money";
import { grouped, tick } from "../lib/numbers";
import { isDay, shortDay } from "../lib/time";
import { named, shortPath, sourceWords } from "../lib/words";
import { Given } from "./Given";
import { Swatch } from "./Marks";

export type Metric = "cost" | "tokens" | "calls";

type Datum = Record<string, string | number>;

const AXIS: Record<Metric, (value: number) => string> = { cost: (usd) => `$${tick(usd)}`, tokens: tick, calls: tick };
const SUM: Record<Metric, (point: ChartPoint) => string> = {
  cost: ({ usage }) => formatCost(usage),
  tokens: ({ usage }) => grouped(usage.totalTokens),
  calls: ({ usage }) => grouped(usage.calls),
};

/** What a part has of a figure; null where calls have no known price. */
const valueOf = (part: ChartPart, metric: Metric) => (metric === "cost" ? part.costUsd : part[metric]);

/** Names as they are shown; the rest and the unnamed have words of their own. */
function words(chart: Chart): string[] {
  return chart.names.map((name) => {
    if (name === "…") return "everything else";
    const shown = named(name, `no ${chart.by}`);
    return chart.by === "source" ? sourceWords(shown) : shown;
  });
}

function data(chart: Chart, names: string[], metric: Metric): Datum[] {
  return chart.points.map((point) => {
    const datum: Datum = { label: point.label };
    point.parts.forEach((part, at) => {
      const value = valueOf(part, metric);
      const name = names[at];
      // An unpriced part has no height; the figures beside the chart say that it is there.
      if (name !== undefined && value !== null) datum[name] = value;
    });
    return datum;
  });
}

/** Usage over time with one layer per name. */
export default function StackedChart({ chart, metric }: { chart: Chart; metric: Metric }) {
  const colorOf = useColors(chart.by);
  const names = useMemo(() => words(chart), [chart]);
  const points = useMemo(() => data(chart, names, metric), [chart, names, metric]);
  const series = names.map((name, at) => ({ name, label: shortPath(name), color: colorOf(chart.names[at] ?? null) }));
  return (
    <figure className="stack">
      <div className="chart" role="group" aria-label={`${metric} per ${chart.bucket}, stacked by ${chart.by}`}>
        <BarChart
          h="100%"
          data={points}
          dataKey="label"
          type="stacked"
          series={series}
          gridAxis="x"
          tickLine="none"
          strokeDasharray="0"
          gridColor="var(--cs-line)"
          xAxisProps={{ tickFormatter: shortLabel, minTickGap: 18, interval: "equidistantPreserveStart" }}
          yAxisProps={{ width: 3.75 * letterSize(), tickFormatter: AXIS[metric] }}
          barProps={{ isAnimationActive: false, maxBarSize: 44 }}
          barChartProps={{ barCategoryGap: "18%" }}
          tooltipAnimationDuration={0}
          tooltipProps={{
            content: ({ active, label }) => {
              const point = chart.points.find((one) => one.label === label);
              return active && point ? <Tip point={point} series={series} metric={metric} /> : null;
            },
          }}
        />
      </div>
      <ul className="legend" aria-label="Legend">
        {series.map((one) => (
          <li key={one.name}>
            <Swatch color={one.color} />
            <Given name={one.label} whole={one.name} />
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** Pixels of a `rem`: it grows on very large screens. */
function letterSize(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize);
}

/** `2026-11-21` as `21 Nov`; other labels as they are. */
function shortLabel(label: string): string {
  return isDay(label) ? shortDay(label) : label;
}

interface Layers {
  point: ChartPoint;
  series: readonly { name: string; label: string; color: string }[];
  metric: Metric;
}

/** One bucket in figures, its layers from the top down. */
function Tip({ point, series, metric }: Layers) {
  const layers = series.map((layer, at) => ({ ...layer, part: point.parts[at] }));
  return (
    <div className="tip">
      <div className="spread strong">
        <span>{shortLabel(point.label)}</span>
        <span className="num">{SUM[metric](point)}</span>
      </div>
      {layers.reverse().map(({ name, label, color, part }) => {
        if (part === undefined || part.calls === 0 || valueOf(part, metric) === 0) return null;
        return (
          <div key={name} className="spread small">
            <span className="row">
              <Swatch color={color} />
              <Given name={label} className="tip-name" />
            </span>
            <span className="num">
              {metric === "cost" ? formatBound(part.costUsd, part.costIsLowerBound) : grouped(part[metric])}
            </span>
          </div>
        );
      })}
    </div>
  );
}
