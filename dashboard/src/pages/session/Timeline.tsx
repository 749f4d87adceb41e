import { IconFile, IconFlag, IconGitCommit, IconMessage, IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";

import { $api } from "../../api/client";
import type { TimelineEvent } from "../../api/schema";
import { formatBound } from "../../lib/money";
import { compact } from "../../lib/numbers";
import { clock, fullMoment, newDay } from "../../lib/time";
import { useLastPage, usePage } from "../../lib/url";
import { titleOf } from "../../lib/words";
import { useZone } from "../../lib/zone";
import { Given } from "../../ui/Given";
import { Tag } from "../../ui/Marks";
import { Pager } from "../../ui/Pager";
import { Empty, Loaded } from "../../ui/States";
import { RunningCost } from "./RunningCost";

const LIMIT = 200;

const KINDS: Record<TimelineEvent["kind"], { Icon: typeof IconFile; word: string }> = {
  start: { Icon: IconPlayerPlay, word: "Start" },
  call: { Icon: IconMessage, word: "Model call" },
  commit: { Icon: IconGitCommit, word: "Commit" },
  file: { Icon: IconFile, word: "File change" },
  note: { Icon: IconFlag, word: "Note" },
  end: { Icon: IconPlayerStop, word: "End" },
};

/** What is read for its figures; the rest is a mark on the way. */
const PLAIN: ReadonlySet<TimelineEvent["kind"]> = new Set(["call", "file"]);

/** Calls, commits, file changes and notes in one order, with what was spent up to each. */
export function Timeline({ id }: { id: number }) {
  const zone = useZone();
  const { page, offset, toPage } = usePage(LIMIT);
  const timeline = $api.useQuery(
    "get",
    "/api/v1/sessions/{session_id}/timeline",
    { params: { path: { session_id: id }, query: { limit: LIMIT, offset } } },
    { placeholderData: keepPreviousData },
  );
  useLastPage(LIMIT, timeline.data?.found);
  return (
    <Loaded query={timeline} height={400}>
      {({ events, found }) =>
        events.length === 0 ? (
          <Empty title="Nothing happened yet" />
        ) : (
          <div className="stack">
            <RunningCost events={events} />
            <div className="timeline-table">
              <div className="timeline-head" aria-hidden="true">
                <span>Time</span>
                <span />
                <span>What</span>
                <span className="right hide-sm">Tokens</span>
                <span className="right">Cost</span>
                <span className="right">So far</span>
              </div>
              <ol className="timeline">
                {events.map((event, at) => (
                  <Event
                    key={`${event.kind} ${event.callId} ${event.timestamp} ${at}`}
                    event={event}
                    zone={zone.shown}
                    day={newDay(event.timestamp, events[at - 1]?.timestamp, zone.shown)}
                  />
                ))}
              </ol>
            </div>
            <Pager page={page} limit={LIMIT} found={found} toPage={toPage} noun="events" />
          </div>
        )
      }
    </Loaded>
  );
}

function Event({ event, zone, day }: { event: TimelineEvent; zone: string; day: string | null }) {
  const { Icon, word } = KINDS[event.kind];
  return (
    <li data-kind={event.kind}>
      <span className="dim num" title={fullMoment(event.timestamp, zone)}>
        {day !== null && <b className="new-day">{day}</b>}
        {clock(event.timestamp, zone)}
      </span>
      <span className="timeline-icon">
        <Icon size={14} aria-label={word} />
      </span>
      <span className="two">
        <span className="row">
          <Given
            name={event.kind === "end" ? "Session ended" : event.title}
            className={PLAIN.has(event.kind) ? "clip" : "clip strong"}
          />
          {event.subagentId && <Tag title={`Sub-agent ${titleOf(event.subagentId)}`}>sub-agent</Tag>}
          {event.kind === "file" && <span className="small dim">{event.detail}</span>}
        </span>
        {event.detail && event.kind !== "file" && <Given name={event.detail} className="small dim clip" />}
      </span>
      <span className="num right dim hide-sm" title="Tokens in and out">
        {event.tokens ? compact(event.tokens) : ""}
      </span>
      <span className="num right">
        {event.kind === "call" && (
          <span className={event.costUsd === null ? "warn" : undefined}>
            {formatBound(event.costUsd, event.costIsLowerBound)}
          </span>
        )}
      </span>
      <span className="num right dim" title="Spent up to here">
        {formatBound(event.runningCostUsd, event.runningCostIsLowerBound)}
      </span>
    </li>
  );
}
