import { $api, SLOW } from "../../api/client";
import type { CommitCost } from "../../api/schema";
import { compact, grouped, shareOf } from "../../lib/numbers";
import { moment } from "../../lib/time";
import { useUrl } from "../../lib/url";
import { titleOf, visible } from "../../lib/words";
import { useZone } from "../../lib/zone";
import { type Column, DataTable } from "../../ui/DataTable";
import { Cost } from "../../ui/Money";
import { Empty, Loaded } from "../../ui/States";

/** What each commit cost, counted as the calls since the one before it. */
export function Commits({ id }: { id: number }) {
  const zone = useZone();
  const url = useUrl();
  const commits = $api.useQuery(
    "get",
    "/api/v1/sessions/{session_id}/commits",
    { params: { path: { session_id: id } } },
    { meta: SLOW },
  );
  const show = (hash: string) => url.set({ tab: "files", commit: hash, file: null });
  return (
    <Loaded query={commits}>
      {({ commits: rows, basis }) =>
        rows.every((row) => row.hash === null) ? (
          <Empty title="No commit in this session">
            Commits are read from git while a session runs and when it ends.
          </Empty>
        ) : (
          <div className="stack">
            <DataTable
              label="Cost per commit"
              rows={rows}
              rowKey={(row) => row.hash ?? "rest"}
              columns={columns(zone.shown, show)}
            />
            <p className="panel-note">{basis}</p>
          </div>
        )
      }
    </Loaded>
  );
}

function columns(zone: string, show: (hash: string) => void): Column<CommitCost>[] {
  return [
    {
      id: "commit",
      header: "Commit",
      className: "name",
      cell: ({ hash, message, timestamp }) =>
        hash === null ? (
          <span className="dim">after the last commit</span>
        ) : (
          <span className="two">
            <button
              type="button"
              className="link clip"
              dir="auto"
              title={titleOf(message ?? "")}
              onClick={() => show(hash)}
            >
              {visible(message || "(no message)")}
            </button>
            <span className="small dim">
              <span className="mono">{hash.slice(0, 8)}</span>
              {timestamp && ` · ${moment(timestamp, zone)}`}
            </span>
          </span>
        ),
    },
    {
      id: "calls",
      header: "Calls since the previous",
      className: "right hide-sm",
      cell: (row) => grouped(row.usage.calls),
    },
    { id: "tokens", header: "Tokens", className: "right hide-sm", cell: (row) => compact(row.usage.totalTokens) },
    { id: "share", header: "Share", className: "right", cell: (row) => shareOf(row.usage, row.share) },
    {
      id: "cost",
      header: "Cost",
      className: "right",
      cell: (row) => (
        <b>
          <Cost usage={row.usage} />
        </b>
      ),
    },
  ];
}
