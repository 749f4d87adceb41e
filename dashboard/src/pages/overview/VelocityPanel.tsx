import type { Velocity } from "../../api/schema";
import { formatBound } from "../../lib/money";
import { GivenLink } from "../../ui/Given";
import { Panel } from "../../ui/Panel";
import { Empty } from "../../ui/States";

const SHOWN = 7;

/** How fast the last sessions spent. */
export function VelocityPanel({ velocity, className }: { velocity: Velocity[]; className?: string }) {
  const shown = velocity.slice(0, SHOWN);
  const most = Math.max(...shown.map((one) => one.costPerHourUsd), 0) || 1;
  return (
    <Panel title="Cost per hour" note="of recent sessions" className={className}>
      {shown.length === 0 ? (
        <Empty title="No session with calls yet" command="cs run -- claude" />
      ) : (
        <ul className="stack">
          {shown.map((one) => (
            <li key={one.sessionId} className="stack-tight">
              <div className="spread small">
                <GivenLink href={`/sessions/${one.sessionId}`} name={one.name} />
                <span
                  className="num"
                  title={`${formatBound(one.costUsd, one.costIsLowerBound)} in ${one.hours.toFixed(1)} hours`}
                >
                  <b>{formatBound(one.costPerHourUsd, one.costIsLowerBound)}</b>
                  <span className="dim"> / h</span>
                </span>
              </div>
              <div className="meter thin">
                <i style={{ width: `${(one.costPerHourUsd / most) * 100}%` }} />
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
