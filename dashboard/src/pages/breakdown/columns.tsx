import type { Breakdown, BreakdownRow } from "../../api/schema";
import { formatBound } from "../../lib/money";
import { compact, grouped, percent, shareOf } from "../../lib/numbers";
import { capital, named, shortPath, sourceWords } from "../../lib/words";
import { Spark } from "../../ui/Bars";
import type { Column } from "../../ui/DataTable";
import { Given, GivenLine, GivenLink } from "../../ui/Given";
import { Swatch, Tag } from "../../ui/Marks";
import { Cost } from "../../ui/Money";

const ONE_DIGIT = { minimumFractionDigits: 1, maximumFractionDigits: 1 } as const;

const VALUES = {
  name: (row: BreakdownRow) => row.label ?? "",
  calls: (row: BreakdownRow) => row.usage.calls,
  tokens: (row: BreakdownRow) => row.usage.totalTokens,
  cost: (row: BreakdownRow) => row.usage.costUsd,
  cache: (row: BreakdownRow) => row.cacheHitRate,
  reasoning: (row: BreakdownRow) => row.reasoningShare,
  ratio: (row: BreakdownRow) => row.inputPerOutput,
  call: (row: BreakdownRow) => row.costPerCallUsd,
  output: (row: BreakdownRow) => row.costPer1kOutputUsd,
};

export type SortKey = keyof typeof VALUES;

/** Rows in another order; what is not known stands last either way. */
export function sorted(rows: readonly BreakdownRow[], by: SortKey, order: "asc" | "desc"): BreakdownRow[] {
  const value = VALUES[by] ?? VALUES.cost;
  const sign = order === "asc" ? 1 : -1;
  return [...rows].sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    return sign * (typeof left === "string" ? left.localeCompare(String(right)) : left - Number(right));
  });
}

export function breakdownColumns(list: Breakdown, colorOf: (name: string | null) => string): Column<BreakdownRow>[] {
  const { by, totals } = list;
  return [
    {
      id: "name",
      header: capital(by),
      sort: "name",
      className: "name",
      cell: (row) => <Name row={row} by={by} color={colorOf(row.label)} />,
      foot: "All",
    },
    {
      id: "calls",
      header: "Calls",
      sort: "calls",
      className: "right hide-sm",
      cell: (row) => grouped(row.usage.calls),
      foot: grouped(totals.calls),
    },
    {
      id: "tokens",
      header: "Tokens",
      sort: "tokens",
      className: "right hide-sm",
      cell: (row) => compact(row.usage.totalTokens),
      foot: compact(totals.totalTokens),
    },
    {
      id: "cache",
      header: "Cache hits",
      label: "Share of prompts read from cache",
      sort: "cache",
      className: "right hide-md",
      cell: (row) => percent(row.cacheHitRate),
      foot: percent(totals.inputTokens ? totals.cacheReadTokens / totals.inputTokens : null),
    },
    {
      id: "reasoning",
      header: "Reasoning",
      label: "Share of reasoning in the output",
      sort: "reasoning",
      className: "right hide-lg",
      cell: (row) => percent(row.reasoningShare),
      foot: percent(totals.outputTokens ? totals.reasoningTokens / totals.outputTokens : null),
    },
    {
      id: "ratio",
      header: "In : out",
      label: "Prompt tokens for each output token",
      sort: "ratio",
      className: "right hide-xl",
      cell: (row) =>
        row.inputPerOutput === null ? "–" : `${row.inputPerOutput.toLocaleString("en-US", ONE_DIGIT)} : 1`,
      foot: "",
    },
    {
      id: "call",
      header: "Per call",
      label: "Cost of one priced call",
      sort: "call",
      className: "right hide-md",
      cell: (row) => money(row.costPerCallUsd, row.usage.lowerBoundCalls > 0),
      foot: "",
    },
    {
      id: "output",
      header: "Per 1k output",
      label: "The whole cost for 1,000 output tokens",
      sort: "output",
      className: "right hide-lg",
      cell: (row) => money(row.costPer1kOutputUsd, row.usage.costStatus === "lower_bound"),
      foot: "",
    },
    {
      id: "trend",
      header: "Trend",
      className: "hide-md",
      cell: (row) => <Spark values={row.trend} label={`Cost of ${named(row.label)} over time`} />,
      foot: "",
    },
    {
      id: "share",
      header: "Share",
      label: "Of the known cost",
      className: "right hide-sm",
      cell: (row) => shareOf(row.usage, row.share),
      foot: "",
    },
    {
      id: "cost",
      header: "Cost",
      sort: "cost",
      className: "right",
      cell: (row) => (
        <b>
          <Cost usage={row.usage} />
        </b>
      ),
      foot: <Cost usage={totals} />,
    },
  ];
}

const money = (usd: number | null, isLowerBound: boolean) => (usd === null ? "–" : formatBound(usd, isLowerBound));

function Name({ row, by, color }: { row: BreakdownRow; by: Breakdown["by"]; color: string }) {
  const name = named(row.label, `no ${by}`);
  const shown = by === "source" ? sourceWords(name) : shortPath(name);
  const others = by === "model" ? row.agents : row.models;
  const listed = row.label !== null && (by === "model" || by === "agent" || by === "project");
  return (
    <span className="row">
      <Swatch color={color} />
      <span className="two">
        <span className="name-tags">
          {listed ? (
            <GivenLink
              href={`/sessions?${by}=${encodeURIComponent(name)}`}
              name={shown}
              whole={name}
              className="clip strong"
            />
          ) : (
            <Given name={shown} whole={name} className="clip strong" />
          )}
          {row.usage.unpricedCalls > 0 && <Tag tone="warn">{grouped(row.usage.unpricedCalls)} unpriced</Tag>}
        </span>
        <GivenLine
          names={[row.provider ?? "", ...others.slice(0, 3)].filter(Boolean)}
          whole={[row.provider ?? "", ...others].filter(Boolean)}
        />
      </span>
    </span>
  );
}
