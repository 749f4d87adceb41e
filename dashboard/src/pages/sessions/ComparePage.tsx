import type { ReactNode } from "react";
import { Link, useSearchParams } from "wouter";

import { $api } from "../../api/client";
import type { SessionDetail } from "../../api/schema";
import { formatPico, formatUsd, hourly, wholeUsd } from "../../lib/money";
import { compact, grouped, percent, signedPercent } from "../../lib/numbers";
import { moment } from "../../lib/time";
import { named, shortPath } from "../../lib/words";
import { useZone } from "../../lib/zone";
import { Given, GivenLine, GivenLink } from "../../ui/Given";
import { Status } from "../../ui/Marks";
import { Cost } from "../../ui/Money";
import { TokenMix } from "../../ui/Bars";
import { Head, Panel } from "../../ui/Panel";
import { Empty, Loaded } from "../../ui/States";

interface Line {
  name: string;
  show: (detail: SessionDetail) => ReactNode;
  /** What is compared, where it is known whole; the least is marked. */
  value?: (detail: SessionDetail) => number | null;
}

/** Two to five sessions side by side. */
export default function ComparePage() {
  const [params] = useSearchParams();
  const ids = params.getAll("ids").map(Number).filter(Number.isInteger);
  const enabled = ids.length >= 2;
  const compared = $api.useQuery("get", "/api/v1/sessions/compare", { params: { query: { ids } } }, { enabled });
  return (
    <>
      <Head
        title="Compare sessions"
        tools={<Link href={`/sessions?${ids.map((id) => `compare=${id}`).join("&")}`}>choose others</Link>}
      />
      <Panel title={enabled ? `${ids.length} sessions` : "Nothing chosen"}>
        {enabled ? (
          <Loaded query={compared} height={420}>
            {({ sessions }) => <Table details={sessions} />}
          </Loaded>
        ) : (
          <Empty title="Choose two sessions">Tick them in the list of sessions.</Empty>
        )}
      </Panel>
    </>
  );
}

function lines(zone: string): Line[] {
  return [
    { name: "Status", show: ({ session }) => <Status status={session.status} /> },
    { name: "Started", show: ({ session }) => moment(session.startTime, zone) },
    {
      name: "Where",
      show: ({ session: { workingDirectory, branch } }) => (
        <GivenLine
          names={[shortPath(workingDirectory), branch ?? ""].filter(Boolean)}
          whole={[workingDirectory, branch ?? ""].filter(Boolean)}
          className="lines"
        />
      ),
    },
    {
      name: "Cost",
      show: ({ session }) => (
        <b>
          <Cost usage={session.usage} />
        </b>
      ),
      value: ({ session }) => wholeUsd(session.usage),
    },
    {
      name: "Cost per hour",
      show: ({ session }) => hourly(session),
      value: ({ session }) => (wholeUsd(session.usage) === null ? null : session.costPerHourUsd),
    },
    { name: "Time", show: ({ session }) => session.durationFormatted, value: ({ session }) => session.duration },
    { name: "Calls", show: ({ session }) => grouped(session.usage.calls), value: ({ session }) => session.usage.calls },
    {
      name: "Cost per call",
      show: ({ session }) => perCall(session.usage),
      value: ({ session: { usage } }) => perWholeCall(usage),
    },
    {
      name: "Tokens",
      show: ({ session }) => compact(session.usage.totalTokens),
      value: ({ session }) => session.usage.totalTokens,
    },
    {
      name: "Read from cache",
      show: ({ session }) =>
        percent(session.usage.inputTokens ? session.usage.cacheReadTokens / session.usage.inputTokens : null),
    },
    {
      name: "Saved by caching",
      show: ({ savedByCacheUsd }) => (savedByCacheUsd === null ? "–" : formatUsd(savedByCacheUsd)),
    },
    { name: "Sub-agents", show: ({ subagents }) => <Cost usage={subagents} /> },
    { name: "Commits", show: ({ session }) => grouped(session.commits) },
    { name: "Changed files", show: ({ session }) => grouped(session.filesChanged) },
    { name: "Models", show: ({ models }) => <Parts parts={models} /> },
    { name: "Agents", show: ({ agents }) => <Parts parts={agents} /> },
    { name: "Tokens by kind", show: ({ session }) => <TokenMix usage={session.usage} /> },
  ];
}

function Table({ details }: { details: SessionDetail[] }) {
  const zone = useZone();
  const [first, second] = details.length === 2 ? details : [];
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Comparison">
      <table className="table compare">
        <thead>
          <tr>
            <td />
            {details.map(({ session }) => (
              <th key={session.id} scope="col">
                <GivenLink href={`/sessions/${session.id}`} name={session.name} className="lines" />
              </th>
            ))}
            {second && (
              <th scope="col" className="right hide-sm">
                Second against first
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {lines(zone.shown).map((line) => (
            <tr key={line.name}>
              <th scope="row">{line.name}</th>
              {details.map((detail) => (
                <td key={detail.session.id}>
                  {line.show(detail)} {isLeast(line, detail, details) && <span className="good small">least</span>}
                </td>
              ))}
              {first && second && <td className="right dim hide-sm">{difference(line, first, second)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How much more or less the second is; nothing where it cannot be said. */
function difference({ value }: Line, first: SessionDetail, second: SessionDetail): string {
  const [before, after] = [value?.(first) ?? null, value?.(second) ?? null];
  return before === null || after === null || before === 0 ? "" : signedPercent(after / before - 1);
}

function isLeast({ value }: Line, detail: SessionDetail, all: SessionDetail[]): boolean {
  if (value === undefined) return false;
  const values = all.map(value).filter((found) => found !== null);
  const own = value(detail);
  return own !== null && values.length === all.length && own === Math.min(...values) && new Set(values).size > 1;
}

type Used = SessionDetail["session"]["usage"];

function perWholeCall(usage: Used): number | null {
  const cost = wholeUsd(usage);
  return cost === null || usage.calls === 0 ? null : cost / usage.calls;
}

/** Of the calls whose price is known. */
function perCall({ calls, unpricedCalls, lowerBoundCalls, costPicousd }: Used): string {
  const priced = calls - unpricedCalls;
  if (costPicousd === null || priced === 0) return "–";
  return `${lowerBoundCalls > 0 ? "≥ " : ""}${formatPico(BigInt(costPicousd) / BigInt(priced))}`;
}

function Parts({ parts }: { parts: SessionDetail["models"] }) {
  return (
    <ul className="stack-tight">
      {parts.slice(0, 5).map((part) => (
        <li key={`${part.provider} ${part.name}`} className="spread">
          <Given name={named(part.name)} />
          <Cost usage={part.usage} />
        </li>
      ))}
    </ul>
  );
}
