import { ActionIcon } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { Link } from "wouter";

import { $api } from "../../api/client";
import type { Breach, BreachList } from "../../api/schema";
import { formatUsd } from "../../lib/money";
import { moment } from "../../lib/time";
import { usePage } from "../../lib/url";
import { said } from "../../lib/words";
import { useZone } from "../../lib/zone";
import { type Column, DataTable } from "../../ui/DataTable";
import { Tag } from "../../ui/Marks";
import { Panel } from "../../ui/Panel";
import { Empty, Loaded } from "../../ui/States";

const LIMIT = 25;

/** Every level and rule that was passed, newest first. */
export function HistoryPanel() {
  const zone = useZone();
  const { page, offset, toPage } = usePage(LIMIT);
  const breaches = $api.useQuery(
    "get",
    "/api/v1/alerts/breaches",
    { params: { query: { limit: LIMIT, offset } } },
    { placeholderData: keepPreviousData },
  );
  return (
    <Panel title="History" note="what was passed, each once">
      <Loaded query={breaches}>
        {(list) =>
          list.breaches.length === 0 && page === 1 ? (
            <Empty title="Nothing was passed">Warn levels and rules that are passed are kept here.</Empty>
          ) : (
            <>
              <DataTable
                label="Breaches"
                rows={list.breaches}
                rowKey={(breach) => breach.id}
                columns={columns(zone.shown)}
              />
              <Steps list={list} page={page} toPage={toPage} />
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Steps({ list, page, toPage }: { list: BreachList; page: number; toPage: (page: number) => void }) {
  if (page === 1 && !list.more) return null;
  return (
    <nav className="row" aria-label="Pages of breaches">
      <ActionIcon size="sm" variant="default" aria-label="Newer" disabled={page === 1} onClick={() => toPage(page - 1)}>
        <IconChevronLeft size={15} />
      </ActionIcon>
      <ActionIcon size="sm" variant="default" aria-label="Older" disabled={!list.more} onClick={() => toPage(page + 1)}>
        <IconChevronRight size={15} />
      </ActionIcon>
    </nav>
  );
}

function columns(zone: string): Column<Breach>[] {
  return [
    { id: "time", header: "When", cell: (breach) => <span className="num">{moment(breach.noticedAt, zone)}</span> },
    {
      id: "message",
      header: "What",
      className: "name",
      cell: (breach) => (
        <span className="two">
          <span className="sentence">{said(breach.message).replace(/([≥≤]) /g, "$1\u00a0")}</span>
          {breach.problem && <span className="warn small">{said(breach.problem)}</span>}
        </span>
      ),
    },
    {
      id: "session",
      header: "Session",
      className: "hide-sm",
      cell: (breach) =>
        breach.sessionId === null ? (
          <span className="dim">–</span>
        ) : (
          <Link href={`/sessions/${breach.sessionId}`}>{breach.sessionId}</Link>
        ),
    },
    { id: "spent", header: "Spent", className: "right hide-sm", cell: (breach) => formatUsd(breach.spentUsd) },
    { id: "limit", header: "Limit", className: "right hide-sm", cell: (breach) => formatUsd(breach.limitUsd) },
    {
      id: "state",
      header: "State",
      cell: (breach) =>
        breach.endedAt === null ? (
          <Tag tone="warn">ongoing</Tag>
        ) : (
          <span className="dim small">until {moment(breach.endedAt, zone)}</span>
        ),
    },
  ];
}
