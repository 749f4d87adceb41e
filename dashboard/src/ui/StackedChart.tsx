import "@mantine/charts/styles.layer.css";

import { BarChart } from "@mantine/charts";
import { useMemo } from "react";

import type { Chart } from "../api/schema";
import { useColors } from "../lib/colors";
import { formatUsd, shortUsd } from "../lib/money";
import { compact, grouped } from "../lib/numbers";
import { isDay, shortDay } from "../lib/time";
import { named, shortPath, sourceWords } from "../lib/words";
import { Given } from "./Given";
import { Swatch } from "./Marks";

export type Metric = "cost" | "tokens" | "calls";

type Datum = Record<string, string | number>;

const AXIS: Record<Metric, (value: number) => string> = { cost: shortUsd, tokens: compact, calls: compact };
const VALUE: Record<Metric, (value: number) => string> = { cost: formatUsd, tokens: grouped, calls: grouped };

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
      const value = metric === "cost" ? part.costUsd : part[metric];
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
          valueFormatter={VALUE[metric]}
          xAxisProps={{ tickFormatter: shortLabel, minTickGap: 18, interval: "equidistantPreserveStart" }}
          yAxisProps={{ width: 3.25 * letterSize(), tickFormatter: AXIS[metric] }}
          barProps={{ isAnimationActive: false, maxBarSize: 44 }}
          barChartProps={{ barCategoryGap: "18%" }}
          tooltipAnimationDuration={0}
          tooltipProps={{
            content: ({ active, payload, label }) =>
              active ? <Tip label={shortLabel(String(label))} parts={payload ?? []} format={VALUE[metric]} /> : null,
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

interface TipPart {
  name?: unknown;
  value?: unknown;
  color?: string;
}

function Tip({
  label,
  parts,
  format,
}: {
  label: string;
  parts: readonly TipPart[];
  format: (value: number) => string;
}) {
  const shown = parts.filter((part) => typeof part.value === "number" && part.value > 0);
  const sum = shown.reduce((total, part) => total + Number(part.value), 0);
  return (
    <div className="tip">
      <div className="spread strong">
        <span>{label}</span>
        <span className="num">{format(sum)}</span>
      </div>
      {[...shown].reverse().map((part) => (
        <div key={String(part.name)} className="spread small">
          <span className="row">
            <Swatch color={part.color ?? "currentColor"} />
            <Given name={shortPath(String(part.name))} className="tip-name" />
          </span>
          <span className="num">{format(Number(part.value))}</span>
        </div>
      ))}
    </div>
  );
}
