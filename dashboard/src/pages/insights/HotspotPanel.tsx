import { keepPreviousData } from "@tanstack/react-query";

import { $api, SLOW } from "../../api/client";
import type { Hotspot } from "../../api/schema";
import { formatBound } from "../../lib/money";
import { grouped } from "../../lib/numbers";
import { moment } from "../../lib/time";
import { useLastPage, usePage } from "../../lib/url";
import { shortPath } from "../../lib/words";
import { useZone } from "../../lib/zone";
import { type Column, DataTable } from "../../ui/DataTable";
import { Given } from "../../ui/Given";
import { Pager } from "../../ui/Pager";
import { Panel } from "../../ui/Panel";
import { Empty, Loaded } from "../../ui/States";
import { useAsked } from "./useAsked";

const LIMIT = 15;

/** Files that many sessions change. */
export function HotspotPanel({ className }: { className?: string }) {
  const zone = useZone();
  const { ready, query } = useAsked();
  const { page, offset, toPage } = usePage(LIMIT);
  const hotspots = $api.useQuery(
    "get",
    "/api/v1/insights/hotspots",
    { params: { query: { ...query, limit: LIMIT, offset } } },
    { enabled: ready, meta: SLOW, placeholderData: keepPreviousData },
  );
  useLastPage(LIMIT, hotspots.data?.found);
  return (
    <Panel title="File hotspots" note="files that many sessions change" className={className}>
      <Loaded query={hotspots}>
        {({ files, found }) =>
          files.length === 0 ? (
            <Empty title="No changed file">Files are collected from git when a session ends.</Empty>
          ) : (
            <>
              <DataTable
                label="File hotspots"
                rows={files}
                rowKey={(file) => `${file.project} ${file.filePath}`}
                columns={columns(zone.shown)}
              />
              {found > LIMIT && <Pager page={page} limit={LIMIT} found={found} toPage={toPage} noun="files" />}
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}

function columns(zone: string): Column<Hotspot>[] {
  return [
    {
      id: "file",
      header: "File",
      className: "name",
      cell: (file) => (
        <span className="two">
          <Given name={file.filePath} className="clip mono" />
          <Given name={shortPath(file.project)} whole={file.project} className="small dim clip" />
        </span>
      ),
    },
    { id: "sessions", header: "Sessions", className: "right", cell: (file) => <b>{grouped(file.sessions)}</b> },
    {
      id: "changed",
      header: "Last change",
      className: "right hide-sm",
      cell: (file) => moment(file.lastChanged, zone),
    },
    {
      id: "cost",
      header: "Cost of them",
      label: "What the sessions that changed it cost as a whole",
      className: "right",
      cell: ({ sessionsCostUsd, sessionsCostStatus }) =>
        sessionsCostStatus === "unknown" ? (
          <span className="warn">unpriced</span>
        ) : (
          formatBound(sessionsCostUsd, sessionsCostStatus === "lower_bound")
        ),
    },
  ];
}
