import type { Overview } from "../../api/schema";
import { formatCost, formatUsd } from "../../lib/money";
import { counted } from "../../lib/numbers";
import { Panel } from "../../ui/Panel";
import { Empty } from "../../ui/States";

/** What the month comes to, with how sure that is. */
export function ProjectionPanel({ overview, className }: { overview: Overview; className?: string }) {
  const { projection, month } = overview;
  const { spentUsd, expectedUsd, lowUsd, highUsd } = projection;
  const ranges = lowUsd !== null && highUsd !== null;
  // The same sum, which says too whether there is more.
  const spent = formatCost(month.current);
  return (
    <Panel title="To the month's end" className={className} note={counted(projection.daysLeft, "day") + " left"}>
      {expectedUsd === null ? (
        <Empty title={`${spent} so far`}>A projection needs a few days of calls.</Empty>
      ) : (
        <>
          <div className="big">
            <span className="num">{formatUsd(expectedUsd)}</span> <span className="dim small">expected</span>
          </div>
          <RangeBar
            spent={spentUsd}
            expected={expectedUsd}
            low={ranges ? lowUsd : expectedUsd}
            high={ranges ? highUsd : expectedUsd}
          />
          <dl className="facts">
            <div>
              <dt>Spent</dt>
              <dd className="num">{spent}</dd>
            </div>
            {ranges && (
              <div>
                <dt>8 of 10 end between</dt>
                <dd>
                  <span className="num">{formatUsd(lowUsd)}</span> – <span className="num">{formatUsd(highUsd)}</span>
                </dd>
              </div>
            )}
          </dl>
          <p className="panel-note">{ranges ? projection.basis : "How sure that is takes a few days more to say."}</p>
        </>
      )}
    </Panel>
  );
}

interface Range {
  spent: number;
  expected: number;
  low: number;
  high: number;
}

function RangeBar({ spent, expected, low, high }: Range) {
  const whole = Math.max(high, spent) * 1.04 || 1;
  const at = (usd: number) => `${(usd / whole) * 100}%`;
  return (
    <div
      className="range"
      role="img"
      aria-label={`${formatUsd(spent)} spent, ${formatUsd(expected)} expected, between ${formatUsd(low)} and ${formatUsd(high)}`}
    >
      <i className="range-band" style={{ left: at(low), width: `${((high - low) / whole) * 100}%` }} />
      <i className="range-spent" style={{ width: at(spent) }} />
      <b style={{ left: at(expected) }} />
    </div>
  );
}
