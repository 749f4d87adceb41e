import { SegmentedControl } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { useLocation } from "wouter";

import { $api } from "../../api/client";
import type { Breakdown } from "../../api/schema";
import { counted } from "../../lib/numbers";
import { useFilters, useLastPage, usePage, useSpan, useUrl } from "../../lib/url";
import { useZone } from "../../lib/zone";
import { useColors } from "../../lib/colors";
import { DataTable } from "../../ui/DataTable";
import { FilterBar } from "../../ui/Filters";
import { Pager } from "../../ui/Pager";
import { Head, Panel } from "../../ui/Panel";
import { SpanPicker } from "../../ui/SpanPicker";
import { Empty, Loaded } from "../../ui/States";
import { CostOverTime } from "../overview/CostOverTime";
import { breakdownColumns, type SortKey, sorted } from "./columns";
import { WhatIfPanel } from "./WhatIfPanel";

const LIMIT = 200;

const TITLES: Record<Breakdown["by"], string> = {
  model: "Models",
  agent: "Agents",
  project: "Projects",
  provider: "Providers",
  source: "Sources",
};

const SIBLINGS: Record<Breakdown["by"], Breakdown["by"][]> = {
  model: ["model", "provider"],
  provider: ["model", "provider"],
  agent: ["agent", "source"],
  source: ["agent", "source"],
  project: [],
};

/** Usage by the values of one dimension: figures, ratios and how they develop. */
export default function BreakdownPage({ by }: { by: Breakdown["by"] }) {
  const url = useUrl();
  const span = useSpan("30d");
  const filters = useFilters();
  const zone = useZone();
  const colorOf = useColors(by);
  const { page, offset, toPage } = usePage(LIMIT);
  const query = { zone: zone.asked, since: span.since, until: span.until, ...filters, limit: LIMIT, offset };
  const found = $api.useQuery(
    "get",
    "/api/v1/usage/by/{dimension}",
    { params: { path: { dimension: by }, query } },
    { enabled: span.ready, placeholderData: keepPreviousData },
  );
  useLastPage(LIMIT, found.data?.rowsFound);
  const sort = (url.get("sort") ?? "cost") as SortKey;
  const order = url.get("order") === "asc" ? "asc" : "desc";
  const change = (to: string, direction: string) =>
    url.set({ sort: to === "cost" ? null : to, order: direction === "desc" ? null : direction });
  return (
    <>
      <Head
        title={TITLES[by]}
        tools={
          <>
            <Siblings by={by} />
            <FilterBar />
            <SpanPicker usual="30d" />
          </>
        }
      />
      <CostOverTime by={by} />
      <Panel title={`By ${by}`} note={found.data && counted(found.data.rowsFound, by)}>
        <Loaded query={found} height={320}>
          {(list) =>
            list.rows.length === 0 ? (
              <Empty title="No calls in this time" command="cs run -- claude" />
            ) : (
              <>
                <DataTable
                  label={TITLES[by]}
                  rows={sorted(list.rows, sort, order)}
                  rowKey={(row) => `${row.provider} ${row.label}`}
                  columns={breakdownColumns(list, colorOf)}
                  sorting={{ by: sort, order, change }}
                />
                {list.rowsFound > LIMIT && (
                  <Pager page={page} limit={LIMIT} found={list.rowsFound} toPage={toPage} noun="rows" />
                )}
              </>
            )
          }
        </Loaded>
      </Panel>
      {by === "model" && <WhatIfPanel rows={found.data?.rows ?? []} />}
    </>
  );
}

function Siblings({ by }: { by: Breakdown["by"] }) {
  const [, go] = useLocation();
  const siblings = SIBLINGS[by];
  if (siblings.length === 0) return null;
  return (
    <SegmentedControl
      size="xs"
      aria-label="By"
      data={siblings.map((value) => ({ value, label: TITLES[value] }))}
      value={by}
      onChange={(value) => go(`/${TITLES[value as Breakdown["by"]].toLowerCase()}${location.search}`)}
    />
  );
}
