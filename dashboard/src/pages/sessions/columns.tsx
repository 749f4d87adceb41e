import { Checkbox } from "@mantine/core";
import { IconFile, IconGitCommit } from "@tabler/icons-react";

import type { SessionSummary } from "../../api/schema";
import { formatUsd } from "../../lib/money";
import { compact, counted, grouped, percent } from "../../lib/numbers";
import { fullMoment, moment } from "../../lib/time";
import { shortPath, titleOf } from "../../lib/words";
import type { Column } from "../../ui/DataTable";
import { Given, GivenLine, GivenLink } from "../../ui/Given";
import { Status } from "../../ui/Marks";
import { Cost } from "../../ui/Money";

interface Choices {
  zone: string;
  chosen: string[];
  most: number;
  toggle: (id: number) => void;
}

export function sessionColumns({ zone, chosen, most, toggle }: Choices): Column<SessionSummary>[] {
  return [
    {
      id: "choose",
      header: "",
      label: "Compare",
      className: "hide-sm",
      cell: (row) => {
        const checked = chosen.includes(String(row.id));
        const full = !checked && chosen.length >= most;
        return (
          <Checkbox
            size="xs"
            aria-label={`Compare ${titleOf(row.name)}`}
            title={full ? `At most ${most} are compared` : undefined}
            disabled={full}
            checked={checked}
            onChange={() => toggle(row.id)}
          />
        );
      },
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
      className: "right hide-xl",
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
  const place = (directory: string) => [directory, session.branch ?? ""].filter(Boolean);
  return (
    <span className="two">
      <GivenLink href={`/sessions/${session.id}`} name={session.name} className="clip strong" />
      <GivenLine names={place(shortPath(session.workingDirectory))} whole={place(session.workingDirectory)}>
        <span className="only-small">{moment(session.startTime, zone)} · </span>
      </GivenLine>
    </span>
  );
}

function Several({ names }: { names: string[] | null }) {
  const [first, ...more] = names ?? [];
  if (first === undefined) return <span className="dim">–</span>;
  return (
    <span className="row several">
      <Given name={first} whole={[first, ...more].join(", ")} />
      {more.length > 0 && <span className="dim num">+{more.length}</span>}
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
