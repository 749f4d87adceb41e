import { Checkbox } from "@mantine/core";
import { IconFile, IconGitCommit } from "@tabler/icons-react";
import { Link } from "wouter";

import type { SessionSummary } from "../../api/schema";
import { formatUsd } from "../../lib/money";
import { compact, counted, grouped, percent } from "../../lib/numbers";
import { fullMoment, moment } from "../../lib/time";
import { shortPath } from "../../lib/words";
import type { Column } from "../../ui/DataTable";
import { Status } from "../../ui/Marks";
import { Cost } from "../../ui/Money";

interface Choices {
  zone: string;
  chosen: string[];
  toggle: (id: number) => void;
}

export function sessionColumns({ zone, chosen, toggle }: Choices): Column<SessionSummary>[] {
  return [
    {
      id: "choose",
      header: "",
      label: "Compare",
      className: "hide-sm",
      cell: (row) => (
        <Checkbox
          size="xs"
          aria-label={`Compare ${row.name}`}
          checked={chosen.includes(String(row.id))}
          onChange={() => toggle(row.id)}
        />
      ),
    },
    {
      id: "name",
      header: "Session",
      sort: "name",
      className: "name",
      cell: (row) => <Name session={row} zone={zone} />,
    },
    { id: "status", header: "Status", className: "hide-md", cell: (row) => <Status status={row.status} /> },
    { id: "agents", header: "Agent", className: "hide-lg", cell: (row) => <Several names={row.agents} /> },
    { id: "models", header: "Model", className: "hide-lg", cell: (row) => <Several names={row.models} /> },
    {
      id: "started",
      header: "Started",
      sort: "started",
      className: "hide-sm",
      cell: (row) => (
        <span className="num" title={fullMoment(row.startTime, zone)}>
          {moment(row.startTime, zone)}
        </span>
      ),
    },
    {
      id: "duration",
      header: "Time",
      sort: "duration",
      className: "right hide-md",
      cell: (row) => row.durationFormatted,
    },
    {
      id: "work",
      header: "Work",
      label: "Commits and changed files",
      className: "right hide-lg",
      cell: (row) => <Work session={row} />,
    },
    {
      id: "calls",
      header: "Calls",
      sort: "calls",
      className: "right hide-md",
      cell: (row) => grouped(row.usage.calls),
    },
    {
      id: "tokens",
      header: "Tokens",
      sort: "tokens",
      className: "right hide-sm",
      cell: (row) => compact(row.usage.totalTokens),
    },
    { id: "cost", header: "Cost", sort: "cost", className: "right", cell: (row) => <CostCell session={row} /> },
  ];
}

function Name({ session, zone }: { session: SessionSummary; zone: string }) {
  return (
    <span className="two">
      <Link href={`/sessions/${session.id}`} className="clip strong">
        {session.name}
      </Link>
      <span className="clip small dim" title={session.workingDirectory}>
        <span className="only-small">{moment(session.startTime, zone)} · </span>
        {shortPath(session.workingDirectory)}
        {session.branch && ` · ${session.branch}`}
      </span>
    </span>
  );
}

function Several({ names }: { names: string[] | null }) {
  const [first, ...more] = names ?? [];
  if (first === undefined) return <span className="dim">–</span>;
  return (
    <span className="num" title={names?.join(", ")}>
      {first}
      {more.length > 0 && <span className="dim"> +{more.length}</span>}
    </span>
  );
}

function Work({ session }: { session: SessionSummary }) {
  if (session.commits === 0 && session.filesChanged === 0) return <span className="dim">–</span>;
  return (
    <span className="work" title={`${counted(session.commits, "commit")}, ${counted(session.filesChanged, "file")}`}>
      <span>
        <IconGitCommit size={14} aria-label="commits" /> {grouped(session.commits)}
      </span>
      <span>
        <IconFile size={13} aria-label="files" /> {grouped(session.filesChanged)}
      </span>
    </span>
  );
}

function CostCell({ session }: { session: SessionSummary }) {
  return (
    <span className="two">
      <b>
        <Cost usage={session.usage} />
      </b>
      {session.budget !== null && (
        <span className={`small ${(session.budgetUsed ?? 0) > 1 ? "bad" : "dim"}`}>
          {percent(session.budgetUsed)} of {formatUsd(session.budget)}
        </span>
      )}
    </span>
  );
}
