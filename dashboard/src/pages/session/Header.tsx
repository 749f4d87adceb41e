import { Button, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { Link } from "wouter";

import type { SessionDetail } from "../../api/schema";
import { formatUsd, hourly } from "../../lib/money";
import { counted, grouped, percent } from "../../lib/numbers";
import { fullMoment } from "../../lib/time";
import { visible } from "../../lib/words";
import { useZone } from "../../lib/zone";
import { Status } from "../../ui/Marks";
import { Beside, Cost } from "../../ui/Money";
import { Head, Kpi } from "../../ui/Panel";
import { EndSession } from "./EndSession";

/** What the session is, what it came to, and what can be done with it. */
export function Header({ detail }: { detail: SessionDetail }) {
  const { session } = detail;
  return (
    <>
      <Head
        title={session.name}
        tools={
          <>
            <Button size="xs" variant="default" component={Link} href={`/sessions?compare=${session.id}`}>
              Compare with …
            </Button>
            <Export id={session.id} />
            {session.status === "active" && <EndSession id={session.id} />}
          </>
        }
      >
        <Status status={session.status} />
      </Head>
      <Where session={session} />
      <div className="kpis">
        <Kpi label="Cost" value={<Cost usage={session.usage} />}>
          {session.usage.costUsd !== null && <Beside usd={session.usage.costUsd} />}
          {session.costPerHourUsd !== null && (
            <span>
              <span className="num">{hourly(session)}</span> per hour
            </span>
          )}
          {session.usage.unpricedCalls > 0 && (
            <span className="warn">{grouped(session.usage.unpricedCalls)} unpriced</span>
          )}
        </Kpi>
        <Kpi label="Budget" value={session.budget === null ? "–" : formatUsd(session.budget)}>
          <span className={(session.budgetUsed ?? 0) > 1 ? "bad" : undefined}>
            {session.budget === null ? "none for this session" : `${percent(session.budgetUsed)} used`}
          </span>
        </Kpi>
        <Kpi label="Time" value={session.durationFormatted}>
          <span>{counted(session.usage.calls, "call")}</span>
        </Kpi>
        <Kpi label="Work" value={counted(session.commits, "commit")}>
          <span>{counted(session.filesChanged, "file")} changed</span>
        </Kpi>
        <Kpi label="Saved by caching" value={detail.savedByCacheUsd === null ? "–" : formatUsd(detail.savedByCacheUsd)}>
          <span>
            {percent(session.usage.inputTokens ? session.usage.cacheReadTokens / session.usage.inputTokens : null)} read
            from cache
          </span>
        </Kpi>
      </div>
    </>
  );
}

function Where({ session }: { session: SessionDetail["session"] }) {
  const zone = useZone();
  return (
    <p className="small dim">
      <span className="num">Session {session.id}</span> · {fullMoment(session.startTime, zone.shown)}
      {session.endTime && ` – ${fullMoment(session.endTime, zone.shown)}`} ·{" "}
      <bdi className="mono">{visible(session.workingDirectory)}</bdi>
      {session.branch && (
        <>
          {" "}
          on <bdi className="mono">{visible(session.branch.slice(0, 250))}</bdi>
        </>
      )}
      {session.source === "log" && " · made from an agent's own log"}
      {session.notes && (
        <span className="end-note">
          “<bdi>{visible(session.notes)}</bdi>”
        </span>
      )}
    </p>
  );
}

function Export({ id }: { id: number }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<IconDownload size={14} />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(["json", "csv"] as const).map((format) => (
          <Menu.Item key={format} component="a" href={`/api/v1/sessions/${id}/export?format=${format}`} download>
            as {format.toUpperCase()}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
