import { Select } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";

import { $api } from "../../api/client";
import type { Call, SessionDetail } from "../../api/schema";
import { formatPico } from "../../lib/money";
import { compact } from "../../lib/numbers";
import { clock, fullMoment, newDay } from "../../lib/time";
import { oneOf, useLastPage, usePage, useUrl } from "../../lib/url";
import { named, sourceWords, titleOf, visible } from "../../lib/words";
import { useZone } from "../../lib/zone";
import { type Column, DataTable } from "../../ui/DataTable";
import { Given } from "../../ui/Given";
import { CostStatus, Tag } from "../../ui/Marks";
import { Pager } from "../../ui/Pager";
import { Empty, Loaded } from "../../ui/States";
import { Bill } from "./Bill";

const LIMIT = 100;

/** The session's model calls; each opens to its bill. */
export function Calls({ id, detail }: { id: number; detail: SessionDetail }) {
  const url = useUrl();
  const zone = useZone();
  const { page, offset, toPage } = usePage(LIMIT);
  const order = oneOf(url.get("order"), ["desc", "asc"] as const);
  const model = url.get("model");
  const agent = url.get("agent");
  const open = url.get("call");
  const calls = $api.useQuery(
    "get",
    "/api/v1/sessions/{session_id}/calls",
    {
      params: {
        path: { session_id: id },
        query: { limit: LIMIT, offset, order, model: model ?? undefined, agent: agent ?? undefined },
      },
    },
    { placeholderData: keepPreviousData },
  );
  useLastPage(LIMIT, calls.data?.found);
  const toggle = (call: Call) =>
    url.set({ call: open === String(call.id) ? null : String(call.id), page: url.get("page") }, { replace: true });
  return (
    <div className="stack">
      <div className="row-wrap">
        <Choice
          label="Model"
          value={model}
          names={detail.models.map((part) => part.name)}
          choose={(next) => url.set({ model: next })}
        />
        <Choice
          label="Agent"
          value={agent}
          names={detail.agents.map((part) => part.name)}
          choose={(next) => url.set({ agent: next })}
        />
      </div>
      <Loaded query={calls} height={400}>
        {(list) =>
          list.calls.length === 0 ? (
            <Empty title="No model call" command="cs run -- claude">
              Calls appear here when they go through <code>cs run</code> or are imported from the agent's log.
            </Empty>
          ) : (
            <>
              <DataTable
                label="Calls"
                rows={list.calls}
                rowKey={(call) => call.id}
                columns={callColumns(list.calls, zone.shown, open, toggle)}
                sorting={{ by: "time", order, change: (_, to) => url.set({ order: to === "desc" ? null : to }) }}
                below={(call) => (open === String(call.id) ? <Bill call={call} /> : null)}
              />
              <Pager page={page} limit={LIMIT} found={list.found} toPage={toPage} noun="calls" />
            </>
          )
        }
      </Loaded>
    </div>
  );
}

interface ChoiceContent {
  label: string;
  value: string | null;
  names: (string | null)[];
  choose: (name: string | null) => void;
}

function Choice({ label, value, names, choose }: ChoiceContent) {
  const known = [...new Set(names.filter((name) => name !== null))];
  if (known.length < 2) return null;
  return (
    <Select
      size="xs"
      w={190}
      clearable
      aria-label={`Filter by ${label.toLowerCase()}`}
      placeholder={`Any ${label.toLowerCase()}`}
      data={known}
      value={value}
      onChange={choose}
    />
  );
}

function callColumns(
  calls: readonly Call[],
  zone: string,
  open: string | null,
  toggle: (call: Call) => void,
): Column<Call>[] {
  const days = new Map(calls.map((call, at) => [call.id, newDay(call.timestamp, calls[at - 1]?.timestamp, zone)]));
  const tokens = (
    id: string,
    header: string,
    label: string,
    value: (call: Call) => number | null,
    className = "right hide-md",
  ): Column<Call> => ({
    id,
    header,
    label,
    className,
    cell: (call) => {
      const found = value(call);
      return found === null ? <span className="dim">?</span> : compact(found);
    },
  });
  return [
    {
      id: "open",
      header: "",
      label: "Bill",
      cell: (call) => {
        const isOpen = open === String(call.id);
        const Chevron = isOpen ? IconChevronDown : IconChevronRight;
        return (
          <button
            type="button"
            className="opener"
            aria-expanded={isOpen}
            aria-label={`Bill of call ${call.id}`}
            onClick={() => toggle(call)}
          >
            <Chevron size={15} />
          </button>
        );
      },
    },
    {
      id: "time",
      header: "Time",
      sort: "time",
      cell: (call) => (
        <span className="num" title={fullMoment(call.timestamp, zone)}>
          {days.get(call.id) && <b className="new-day">{days.get(call.id)}</b>}
          {clock(call.timestamp, zone)}
        </span>
      ),
    },
    { id: "model", header: "Model", className: "name", cell: (call) => <Model call={call} /> },
    tokens("uncached", "Input", "Input tokens not from the cache", (call) => call.uncachedInputTokens),
    tokens("read", "Read", "Tokens read from the cache", (call) => call.cacheReadTokens),
    tokens("write", "Write", "Tokens written to the cache", (call) => call.cacheWriteTokens),
    tokens("output", "Output", "Output tokens, reasoning included", (call) => call.completionTokens),
    tokens("reasoning", "Reason.", "Reasoning tokens", (call) => call.reasoningTokens, "right hide-lg"),
    {
      id: "source",
      header: "Source",
      className: "hide-lg",
      cell: (call) => <span className="small">{call.sources.map(sourceWords).join(", ")}</span>,
    },
    { id: "status", header: "Known", className: "hide-sm", cell: (call) => <CostStatus status={call.costStatus} /> },
    {
      id: "cost",
      header: "Cost",
      className: "right",
      cell: (call) => (
        <b className={call.costPicousd === null ? "warn" : undefined}>
          {call.costPicousd === null
            ? "unpriced"
            : `${call.costStatus === "lower_bound" ? "≥ " : ""}${formatPico(BigInt(call.costPicousd))}`}
        </b>
      ),
    },
  ];
}

function Model({ call }: { call: Call }) {
  return (
    <span className="two">
      <Given name={call.model} />
      <span className="small dim clip" title={titleOf(named(call.agentName, "no agent"))}>
        <bdi>{visible(named(call.agentName, "no agent"))}</bdi>
        {call.subagentId && (
          <>
            {" "}
            <Tag title={`Sub-agent ${titleOf(call.subagentId)}`}>sub-agent</Tag>
          </>
        )}
      </span>
    </span>
  );
}
