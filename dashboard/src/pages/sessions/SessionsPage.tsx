import { Button, SegmentedControl } from "@mantine/core";
import { IconColumns } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { Link } from "wouter";

import { $api } from "../../api/client";
import { counted } from "../../lib/numbers";
import { type Changes, oneOf, useFilters, useLastPage, usePage, useSpan, useUrl } from "../../lib/url";
import { useZone } from "../../lib/zone";
import { DataTable } from "../../ui/DataTable";
import { FilterBar } from "../../ui/Filters";
import { Cost } from "../../ui/Money";
import { Pager } from "../../ui/Pager";
import { Head, Panel } from "../../ui/Panel";
import { SpanPicker } from "../../ui/SpanPicker";
import { Empty, Loaded } from "../../ui/States";
import { SearchField } from "../../ui/SearchField";
import { sessionColumns } from "./columns";
import { CostRange } from "./CostRange";

const LIMIT = 50;
const SORTS = ["started", "cost", "tokens", "calls", "duration", "name"] as const;
/** As many as stand side by side. */
const MOST_COMPARED = 5;
const STATUSES = ["all", "active", "completed"] as const;

/** Find a session among many; the server searches, sorts and cuts. */
export default function SessionsPage() {
  const url = useUrl();
  const zone = useZone();
  const span = useSpan("all");
  const filters = useFilters();
  const { page, offset, toPage } = usePage(LIMIT);
  const sort = oneOf(url.get("sort"), SORTS);
  const order = oneOf(url.get("order"), ["desc", "asc"] as const);
  const status = oneOf(url.get("status"), STATUSES);
  const search = url.get("search") ?? "";
  const chosen = url
    .all("compare")
    .filter((id) => /^\d+$/.test(id))
    .slice(0, MOST_COMPARED);
  const found = $api.useQuery(
    "get",
    "/api/v1/sessions",
    {
      params: {
        query: {
          zone: zone.asked,
          since: span.since,
          until: span.until,
          ...filters,
          sort,
          order,
          limit: LIMIT,
          offset,
          search: search || undefined,
          status: status === "all" ? undefined : status,
          minCost: amount(url.get("min")),
          maxCost: amount(url.get("max")),
        },
      },
    },
    { enabled: span.ready, placeholderData: keepPreviousData },
  );
  useLastPage(LIMIT, found.data?.found);
  const toggle = (id: number) => {
    const name = String(id);
    const next = chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name];
    url.set({ compare: next, page: url.get("page") }, { replace: true });
  };
  const sorting = { by: sort, order, change: (by: string, to: string) => url.set(sortChanges(by, to)) };
  return (
    <>
      <Head title="Sessions" tools={<CompareButton chosen={chosen} />} />
      <Panel
        title={found.data ? counted(found.data.found, "session") : "Sessions"}
        note={
          found.data &&
          found.data.totals.calls > 0 && (
            <span className="num">
              costing <Cost usage={found.data.totals} /> with {counted(found.data.totals.calls, "call")}
            </span>
          )
        }
      >
        <div className="row-wrap">
          <SearchField label="Search sessions" placeholder="Name, folder or branch" />
          <div className="swipe">
            <SegmentedControl
              size="xs"
              aria-label="Status"
              data={[
                { value: "all", label: "All" },
                { value: "active", label: "Running" },
                { value: "completed", label: "Completed" },
              ]}
              value={status}
              onChange={(value) => url.set({ status: value === "all" ? null : value })}
            />
            <FilterBar only={["project", "agent", "model"]} />
            <CostRange />
            <SpanPicker usual="all" />
          </div>
        </div>
        <Loaded query={found} height={480}>
          {(list) =>
            list.sessions.length === 0 ? (
              <NothingFound />
            ) : (
              <>
                <DataTable
                  label="Sessions"
                  rows={list.sessions}
                  rowKey={(row) => row.id}
                  sorting={sorting}
                  columns={sessionColumns({ zone: zone.shown, chosen, most: MOST_COMPARED, toggle })}
                />
                <Pager page={page} limit={LIMIT} found={list.found} toPage={toPage} noun="sessions" />
              </>
            )
          }
        </Loaded>
      </Panel>
    </>
  );
}

function amount(text: string | null): number | undefined {
  const value = Number(text);
  return text === null || text === "" || !Number.isFinite(value) || value < 0 ? undefined : value;
}

function sortChanges(by: string, order: string): Changes {
  return { sort: by === "started" ? null : by, order: order === "desc" ? null : order };
}

function CompareButton({ chosen }: { chosen: string[] }) {
  if (chosen.length === 0) return <span className="small dim hide-md">Tick two sessions to compare them</span>;
  const icon = <IconColumns size={15} />;
  if (chosen.length === 1)
    return (
      <Button size="xs" disabled leftSection={icon}>
        Tick one more to compare
      </Button>
    );
  const query = chosen.map((id) => `ids=${id}`).join("&");
  return (
    <Button size="xs" component={Link} href={`/compare?${query}`} leftSection={icon}>
      Compare {chosen.length} sessions
    </Button>
  );
}

function NothingFound() {
  const url = useUrl();
  const narrowed = [
    "search",
    "status",
    "project",
    "agent",
    "model",
    "min",
    "max",
    "range",
    "since",
    "until",
    "page",
  ].some((name) => url.get(name));
  return narrowed ? (
    <Empty title="No session matches">Take a filter away, or choose a longer time.</Empty>
  ) : (
    <Empty title="No session yet" command="cs run -- claude">
      A session is one run of an agent, or what you do between <code>cs start</code> and <code>cs end</code>.
    </Empty>
  );
}
