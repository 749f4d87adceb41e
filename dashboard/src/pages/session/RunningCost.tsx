import type { TimelineEvent } from "../../api/schema";
import { formatBound, formatUsd } from "../../lib/money";
import { titleOf } from "../../lib/words";

const WIDTH = 900;
const HEIGHT = 92;

/** The running cost as a line over time, with commits and notes on it. */
export function RunningCost({ events }: { events: TimelineEvent[] }) {
  const first = Date.parse(events[0]?.timestamp ?? "");
  const last = Date.parse(events.at(-1)?.timestamp ?? "");
  const most = Math.max(...events.map((event) => event.runningCostUsd));
  if (!(last > first) || most === 0) return null;
  const x = (event: TimelineEvent) => (((Date.parse(event.timestamp) - first) / (last - first)) * WIDTH).toFixed(1);
  const y = (usd: number) => (HEIGHT - 4 - (usd / most) * (HEIGHT - 12)).toFixed(1);
  const line = events.map((event) => `H${x(event)}V${y(event.runningCostUsd)}`).join("");
  const marks = events.filter((event) => event.kind === "commit" || event.kind === "note");
  return (
    <figure className="running-cost">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Running cost up to ${formatUsd(most)}`}
      >
        {marks.map((event, at) => (
          <line
            key={at}
            x1={x(event)}
            x2={x(event)}
            y1="0"
            y2={HEIGHT}
            stroke={event.kind === "commit" ? "var(--cs-warn)" : "var(--mantine-color-dimmed)"}
            strokeWidth="1.5"
            strokeDasharray="3 3"
            vectorEffect="non-scaling-stroke"
          >
            <title>{titleOf(event.title)}</title>
          </line>
        ))}
        <path d={`M0,${y(0)}${line}V${HEIGHT}H0Z`} fill="var(--cs-accent)" opacity="0.13" />
        <path
          d={`M0,${y(0)}${line}`}
          fill="none"
          stroke="var(--cs-accent)"
          strokeWidth="2"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <figcaption className="spread small dim">
        <span>Running cost; dashed lines are commits and notes</span>
        <span className="num">{formatBound(most, events.at(-1)?.runningCostIsLowerBound ?? false)}</span>
      </figcaption>
    </figure>
  );
}
