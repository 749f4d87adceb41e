import { SegmentedControl } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";

import { $api } from "../../api/client";
import type { Heatmap } from "../../api/schema";
import { formatBound } from "../../lib/money";
import { compact, counted } from "../../lib/numbers";
import { capital } from "../../lib/words";
import { oneOf, useUrl } from "../../lib/url";
import { Panel } from "../../ui/Panel";
import { Empty, Loaded } from "../../ui/States";
import { useAsked } from "./useAsked";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const METRICS = ["cost", "calls", "tokens"] as const;
type Metric = (typeof METRICS)[number];
type Cell = Heatmap["weekdays"][number][number];

const VALUE: Record<Metric, (cell: Cell) => number> = {
  cost: (cell) => cell.costUsd ?? 0,
  calls: (cell) => cell.calls,
  tokens: (cell) => cell.tokens,
};

const SHOWN: Record<Metric, (cell: Cell) => string> = {
  cost: (cell) => formatBound(cell.costUsd, cell.costIsLowerBound),
  calls: (cell) => counted(cell.calls, "call"),
  tokens: (cell) => `${compact(cell.tokens)} tokens`,
};

/** When the work is done: weekday and hour in the viewer's zone. */
export function HeatmapPanel() {
  const url = useUrl();
  const { ready, query } = useAsked();
  const metric = oneOf(url.get("heat"), METRICS);
  const heatmap = $api.useQuery(
    "get",
    "/api/v1/usage/heatmap",
    { params: { query } },
    { enabled: ready, placeholderData: keepPreviousData },
  );
  return (
    <Panel
      title="Activity"
      note={heatmap.data && `hours of ${heatmap.data.timezone}`}
      tools={
        <SegmentedControl
          size="xs"
          aria-label="Figure"
          data={METRICS.map((value) => ({ value, label: capital(value) }))}
          value={metric}
          onChange={(value) => url.set({ heat: value === "cost" ? null : value })}
        />
      }
    >
      <Loaded query={heatmap} height={210}>
        {({ weekdays }) => <Grid weekdays={weekdays} metric={metric} />}
      </Loaded>
    </Panel>
  );
}

function Grid({ weekdays, metric }: { weekdays: Heatmap["weekdays"]; metric: Metric }) {
  const value = VALUE[metric];
  const cells = weekdays.flat().filter((cell) => cell.calls > 0);
  if (cells.length === 0) return <Empty title="Nothing in this time" />;
  const busiest = cells.reduce((most, cell) => (value(cell) > value(most) ? cell : most));
  const most = value(busiest);
  if (most === 0) return <Empty title={metric === "cost" ? "No cost that is known" : "Nothing in this time"} />;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Activity by weekday and hour">
      <table className="heat">
        <thead>
          <tr>
            <td />
            {Array.from({ length: 24 }, (_, hour) => (
              <th key={hour} scope="col">
                {hour % 3 === 0 ? hour : <span className="hidden-visually">{hour}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weekdays.map((cells, day) => (
            <tr key={DAYS[day]}>
              <th scope="row">{DAYS[day]}</th>
              {cells.map((cell, hour) => (
                <td key={hour} title={`${DAYS[day]} ${hour}:00 – ${words(cell)}`}>
                  <i style={{ opacity: strength(value(cell) / most) }} />
                  <span className="hidden-visually">{words(cell)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="heat-scale small dim" aria-hidden="true">
        0
        {[0.02, 0.15, 0.4, 0.7, 1].map((share) => (
          <i key={share} style={{ opacity: strength(share) }} />
        ))}
        <span className="num">{SHOWN[metric](busiest)} in one hour of the week</span>
      </p>
    </div>
  );
}

/** By the square root: few very dear hours must not make all others look alike. */
function strength(share: number): number {
  return share === 0 ? 0 : 0.15 + 0.85 * Math.sqrt(share);
}

function words(cell: Cell): string {
  return cell.calls === 0 ? "nothing" : METRICS.map((metric) => SHOWN[metric](cell)).join(", ");
}
