import { SegmentedControl, Select, Skeleton } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { Suspense } from "react";

import { $api } from "../../api/client";
import { later } from "../../lib/later";
import { oneOf, type Span, useFilters, useSpan, useUrl } from "../../lib/url";
import { useZone } from "../../lib/zone";
import { formatCost } from "../../lib/money";
import { compact, counted } from "../../lib/numbers";
import { capital } from "../../lib/words";
import { Panel } from "../../ui/Panel";
import { Empty, Loaded } from "../../ui/States";

const StackedChart = later(() => import("../../ui/StackedChart"));

const LAYERS = ["model", "project", "agent", "provider", "source"] as const;
const METRICS = ["cost", "tokens", "calls"] as const;

/** Wide enough buckets that they can be told apart. */
function bucketOf(span: Span): "day" | "week" | "month" {
  if (span.range === "all") return "month";
  if (span.range === "12m") return "week";
  if (span.range !== "own") return "day";
  if (span.since === undefined) return "month";
  const days = (Date.parse(span.until ?? new Date().toISOString()) - Date.parse(span.since)) / 86_400_000;
  return days > 800 ? "month" : days > 120 ? "week" : "day";
}

/** Cost, tokens or calls over time, stacked by what one chooses. */
export function CostOverTime({ className, by: fixed }: { className?: string; by?: (typeof LAYERS)[number] }) {
  const url = useUrl();
  const span = useSpan("30d");
  const filters = useFilters();
  const zone = useZone();
  const by = fixed ?? oneOf(url.get("by"), LAYERS);
  const metric = oneOf(url.get("metric"), METRICS);
  const bucket = bucketOf(span);
  const chart = $api.useQuery(
    "get",
    "/api/v1/usage/series",
    { params: { query: { zone: zone.asked, since: span.since, until: span.until, ...filters, bucket, by, top: 8 } } },
    { enabled: span.ready, placeholderData: keepPreviousData },
  );
  const totals = chart.data?.totals;
  return (
    <Panel
      title={`${{ cost: "Cost", tokens: "Tokens", calls: "Calls" }[metric]} per ${bucket}`}
      className={className}
      note={
        totals && (
          <span className="num">
            {metric === "cost"
              ? formatCost(totals)
              : metric === "tokens"
                ? `${compact(totals.totalTokens)} tokens`
                : counted(totals.calls, "call")}{" "}
            in all
          </span>
        )
      }
      tools={
        <>
          <SegmentedControl
            size="xs"
            aria-label="Figure"
            data={METRICS.map((value) => ({ value, label: capital(value) }))}
            value={metric}
            onChange={(value) => url.set({ metric: value === "cost" ? null : value })}
          />
          {fixed === undefined && (
            <Select
              size="xs"
              w={118}
              aria-label="Stacked by"
              data={LAYERS.map((value) => ({ value, label: `by ${value}` }))}
              value={by}
              allowDeselect={false}
              onChange={(value) => url.set({ by: value === "model" ? null : value })}
            />
          )}
        </>
      }
    >
      <Loaded query={chart} height={330}>
        {(found) =>
          found.totals.calls === 0 ? (
            <Empty title="No calls in this time" command="cs run -- claude">
              Choose a longer time, or run an agent.
            </Empty>
          ) : (
            <Suspense fallback={<Skeleton height={330} />}>
              <StackedChart chart={found} metric={metric} />
            </Suspense>
          )
        }
      </Loaded>
    </Panel>
  );
}
