import { $api, SLOW } from "../../api/client";
import type { Expensive } from "../../api/schema";
import { counted } from "../../lib/numbers";
import { moment } from "../../lib/time";
import { shortPath } from "../../lib/words";
import { useZone } from "../../lib/zone";
import { GivenLine, GivenLink } from "../../ui/Given";
import { Cost } from "../../ui/Money";
import { Panel } from "../../ui/Panel";
import { Empty, Loaded } from "../../ui/States";
import { useAsked } from "./useAsked";

/** The most expensive hours, sessions and commits. */
export function ExpensivePanels() {
  const { ready, query } = useAsked();
  const expensive = $api.useQuery(
    "get",
    "/api/v1/insights/expensive",
    { params: { query: { ...query, limit: 8 } } },
    { enabled: ready, meta: SLOW },
  );
  return (
    <>
      <Panel title="Most expensive hours" className="third">
        <Loaded query={expensive}>{(found) => <Hours hours={found.hours} />}</Loaded>
      </Panel>
      <Panel title="Most expensive sessions" className="third">
        <Loaded query={expensive}>{(found) => <Sessions sessions={found.sessions} />}</Loaded>
      </Panel>
      <Panel title="Most expensive commits" className="third">
        <Loaded query={expensive}>
          {(found) => (
            <>
              <Commits commits={found.commits} />
              {found.commits.length > 0 && <p className="panel-note">{found.commitsBasis}</p>}
            </>
          )}
        </Loaded>
      </Panel>
    </>
  );
}

function Hours({ hours }: Pick<Expensive, "hours">) {
  const zone = useZone();
  if (hours.length === 0) return <Empty title="No hour with calls" />;
  return (
    <ol className="list">
      {hours.map((hour) => (
        <li key={hour.start} className="spread small">
          <span className="two">
            <span className="num">{moment(hour.start, zone.shown)}</span>
            <GivenLine names={hour.models.slice(0, 2)} whole={hour.models} className="dim clip" />
          </span>
          <span className="num right">
            <b>
              <Cost usage={hour.usage} />
            </b>
            <br />
            <span className="dim">{counted(hour.usage.calls, "call")}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}

function Sessions({ sessions }: Pick<Expensive, "sessions">) {
  const zone = useZone();
  if (sessions.length === 0) return <Empty title="No session with calls" />;
  return (
    <ol className="list">
      {sessions.map((session) => (
        <li key={session.id} className="spread small">
          <span className="two">
            <GivenLink href={`/sessions/${session.id}`} name={session.name} />
            <GivenLine
              names={[shortPath(session.workingDirectory)]}
              whole={[session.workingDirectory]}
              className="dim clip num"
            >
              {moment(session.startTime, zone.shown)} ·{" "}
            </GivenLine>
          </span>
          <span className="num right">
            <b>
              <Cost usage={session.usage} />
            </b>
            <br />
            <span className="dim">{counted(session.usage.calls, "call")}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}

function Commits({ commits }: Pick<Expensive, "commits">) {
  if (commits.length === 0) return <Empty title="No commit in a session" />;
  return (
    <ol className="list">
      {commits.map((commit) => (
        <li key={`${commit.sessionId} ${commit.hash}`} className="spread small">
          <span className="two">
            <GivenLink href={`/sessions/${commit.sessionId}?tab=commits`} name={commit.message || "(no message)"} />
            <GivenLine names={[commit.sessionName]} className="dim clip">
              <span className="mono">{commit.hash.slice(0, 8)}</span> ·{" "}
            </GivenLine>
          </span>
          <span className="num right">
            <b>
              <Cost usage={commit.usage} />
            </b>
            <br />
            <span className="dim">{counted(commit.usage.calls, "call")}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}
