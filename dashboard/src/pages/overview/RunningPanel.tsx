import { useLive } from "../../api/live";
import type { Live, Overview } from "../../api/schema";
import { formatBound, formatUsd } from "../../lib/money";
import { compact, counted } from "../../lib/numbers";
import { ago, clockOrDay, fullMoment } from "../../lib/time";
import { useZone } from "../../lib/zone";
import { Spark } from "../../ui/Bars";
import { Cost } from "../../ui/Money";
import { Given, GivenLink } from "../../ui/Given";
import { Panel } from "../../ui/Panel";
import { Empty } from "../../ui/States";
import { named } from "../../lib/words";

/** What runs at this moment, and the calls as they come. */
export function RunningPanel({ overview }: { overview: Overview }) {
  const { live } = useLive();
  const running = live?.running ?? overview.running;
  const found = live?.runningFound ?? overview.runningFound;
  const pace = live?.paceUsdPerHour ?? overview.paceUsdPerHour;
  return (
    <Panel
      title="Right now"
      note={<span className="num">{formatUsd(pace)} per hour, by the last ten minutes</span>}
      tools={live && <Spark values={live.minutesUsd} label="Spent in each of the last 60 minutes" width={140} />}
    >
      <div className="now">
        <div>
          <h3 className="sub">{found === 0 ? "No session runs" : `Running sessions (${found})`}</h3>
          {running.length === 0 ? (
            <Empty title="Quiet" command="cs run -- claude" />
          ) : (
            <ul className="list">
              {running.map((session) => (
                <li key={session.id} className="spread small">
                  <span className="row clip">
                    <i className="live-dot" data-state="live" />
                    <GivenLink href={`/sessions/${session.id}`} name={session.name} />
                    <span className="dim num hide-sm">{ago(session.startTime, Date.now())}</span>
                  </span>
                  <span>
                    <span className="dim num">{counted(session.usage.calls, "call")} · </span>
                    <b>
                      <Cost usage={session.usage} none="$0.00" />
                    </b>
                    {session.budget !== null && <span className="dim num"> of {formatUsd(session.budget)}</span>}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </div>
        <LastCalls calls={live?.calls ?? []} />
      </div>
    </Panel>
  );
}

function LastCalls({ calls }: { calls: Live["calls"] }) {
  const zone = useZone();
  return (
    <div>
      <h3 className="sub">Last calls</h3>
      {calls.length === 0 ? (
        <Empty title="No call yet" />
      ) : (
        <ul className="list ticker" aria-live="off">
          {calls.slice(0, 8).map((call) => (
            <li key={call.id} className="spread small">
              <span className="row clip">
                <span className="dim num" title={fullMoment(call.timestamp, zone.shown)}>
                  {clockOrDay(call.timestamp, zone.shown)}
                </span>
                <Given name={call.model} />
                <Given name={named(call.agentName, "")} className="dim clip yields hide-sm" />
              </span>
              <span className="num">
                {call.tokens > 0 && <span className="dim">{compact(call.tokens)} · </span>}
                <span className={call.costUsd === null ? "warn" : undefined}>
                  {formatBound(call.costUsd, call.costIsLowerBound)}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
