import { $api, SLOW } from "../../api/client";
import type { CacheWaste } from "../../api/schema";
import { formatUsd } from "../../lib/money";
import { compact, percent } from "../../lib/numbers";
import { named } from "../../lib/words";
import { type Column, DataTable } from "../../ui/DataTable";
import { Given, GivenLink } from "../../ui/Given";
import { Panel } from "../../ui/Panel";
import { Empty, Loaded } from "../../ui/States";
import { useAsked } from "./useAsked";

/** Cache entries that were paid for and hardly read. */
export function CacheWastePanel({ className }: { className?: string }) {
  const { ready, query } = useAsked();
  const waste = $api.useQuery(
    "get",
    "/api/v1/insights/cache-waste",
    { params: { query: { ...query, limit: 15 } } },
    { enabled: ready, meta: SLOW },
  );
  return (
    <Panel title="Cache waste" note="written, paid for, hardly read" className={className}>
      <Loaded query={waste}>
        {(found) => (
          <>
            <dl className="facts plain">
              <div>
                <dt>Wasted</dt>
                <dd className="num">{found.wastedUsd === null ? "–" : formatUsd(found.wastedUsd)}</dd>
              </div>
              <div>
                <dt>Writes cost above input</dt>
                <dd className="num">{found.writePremiumUsd === null ? "–" : formatUsd(found.writePremiumUsd)}</dd>
              </div>
              <div>
                <dt>Never read</dt>
                <dd className="num">{percent(found.unreadShare)}</dd>
              </div>
            </dl>
            {found.rows.length === 0 ? (
              <Empty title="No waste found" />
            ) : (
              <DataTable
                label="Cache waste"
                rows={found.rows}
                rowKey={(row) => `${row.sessionId} ${row.provider} ${row.model}`}
                columns={COLUMNS}
              />
            )}
            <p className="panel-note">{found.basis}</p>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

const COLUMNS: Column<CacheWaste>[] = [
  {
    id: "session",
    header: "Session",
    className: "name",
    cell: (row) => (
      <span className="two">
        {row.sessionId === null ? (
          <span className="dim">no session</span>
        ) : (
          <GivenLink href={`/sessions/${row.sessionId}`} name={named(row.sessionName)} />
        )}
        <Given name={row.model} className="small dim clip" />
      </span>
    ),
  },
  { id: "written", header: "Written", className: "right hide-sm", cell: (row) => compact(row.cacheWriteTokens) },
  { id: "unread", header: "Not read", className: "right", cell: (row) => compact(row.unreadTokens) },
  { id: "usd", header: "Wasted", className: "right", cell: (row) => <b>{formatUsd(row.wastedUsd)}</b> },
];
