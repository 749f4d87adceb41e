import type { BudgetState, Usage } from "../api/schema";
import { KIND_COLORS, useScheme } from "../lib/colors";
import { compact, percent } from "../lib/numbers";
import { titleOf } from "../lib/words";
import { Figures } from "./Figures";

export interface Piece {
  name: string;
  value: number;
  color: string;
}

/** Parts of a whole in one line. */
export function Shares({ pieces, label }: { pieces: Piece[]; label: string }) {
  const whole = pieces.reduce((sum, piece) => sum + piece.value, 0);
  return (
    <div className="bar" role="img" aria-label={label}>
      {pieces
        .filter((piece) => piece.value > 0)
        .map((piece) => (
          <i
            key={piece.name}
            style={{ flex: `${piece.value / whole} 0 0`, background: piece.color }}
            title={titleOf(piece.name)}
          />
        ))}
    </div>
  );
}

export function useTokenKinds(usage: Usage): Piece[] {
  const colors = KIND_COLORS[useScheme()];
  return [
    { name: "Uncached input", value: usage.uncachedInputTokens, color: colors.uncached },
    { name: "Cache read", value: usage.cacheReadTokens, color: colors.read },
    { name: "Cache write", value: usage.cacheWriteTokens, color: colors.write },
    { name: "Output", value: usage.outputTokens - usage.reasoningTokens, color: colors.output },
    { name: "Reasoning", value: usage.reasoningTokens, color: colors.reasoning },
  ];
}

/** Tokens by kind: a bar and its figures. */
export function TokenMix({ usage }: { usage: Usage }) {
  const kinds = useTokenKinds(usage);
  return (
    <div className="stack">
      <Shares pieces={kinds} label="Tokens by kind" />
      <Figures
        rows={kinds.map((kind) => ({
          key: kind.name,
          color: kind.color,
          name: kind.name,
          value: compact(kind.value),
          share: percent(usage.totalTokens ? kind.value / usage.totalTokens : 0),
        }))}
      />
    </div>
  );
}

/** How much of a budget is used, what may have been spent beyond what is known, and where warnings are due. */
export function BudgetBar({ budget }: { budget: BudgetState }) {
  const limit = budget.limitUsd;
  const share = (usd: number) => (limit > 0 ? Math.min(1, usd / limit) : 1) * 100;
  const spent = share(budget.spentUsd);
  const held = Math.min(100 - spent, share(budget.heldUsd + budget.reservedUsd));
  return (
    <div
      className="meter"
      role="meter"
      aria-label={titleOf(budget.label)}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(spent)}
      aria-valuetext={percent(budget.used)}
    >
      <i data-state={budget.state} style={{ width: `${spent}%` }} />
      {held > 0 && limit > 0 && <i className="held" style={{ left: `${spent}%`, width: `${held}%` }} />}
      {budget.warnPercents
        .filter((at) => at < 100)
        .map((at) => (
          <b key={at} style={{ left: `${at}%` }} title={`warning at ${at}%`} />
        ))}
    </div>
  );
}

/** A line small enough for a table cell. */
export function Spark({
  values,
  label,
  width = 96,
  height = 24,
}: {
  values: number[];
  label: string;
  width?: number;
  height?: number;
}) {
  const most = Math.max(...values, 0);
  if (values.length < 2 || most === 0) return <span className="dim">–</span>;
  const step = width / (values.length - 1);
  const points = values.map(
    (value, at) => `${(at * step).toFixed(1)},${(height - 2 - (value / most) * (height - 4)).toFixed(1)}`,
  );
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <polygon points={`0,${height} ${points.join(" ")} ${width},${height}`} fill="var(--cs-accent)" opacity="0.14" />
      <polyline
        points={points.join(" ")}
        fill="none"
        stroke="var(--cs-accent)"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
    </svg>
  );
}
