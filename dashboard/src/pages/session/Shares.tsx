import type { Part, SessionDetail } from "../../api/schema";
import { useColors } from "../../lib/colors";
import { compact, counted, percent } from "../../lib/numbers";
import { named } from "../../lib/words";
import { Shares as SharesBar, TokenMix } from "../../ui/Bars";
import { Figures } from "../../ui/Figures";
import { Cost } from "../../ui/Money";
import { Panel } from "../../ui/Panel";

/** Who and what the money went to. */
export function Shares({ detail, className }: { detail: SessionDetail; className: string }) {
  const { usage } = detail.session;
  const { subagents } = detail;
  return (
    <div className={className}>
      <Panel title="Models">
        <Parts parts={detail.models} dimension="model" />
      </Panel>
      <Panel title="Agents">
        <Parts parts={detail.agents} dimension="agent" />
        {subagents.calls > 0 && (
          <p className="spread small">
            <span className="dim">Sub-agents among them</span>
            <span className="num">
              <Cost usage={subagents} /> <span className="dim">{counted(subagents.calls, "call")}</span>
            </span>
          </p>
        )}
      </Panel>
      <Panel title="Tokens" note={<span className="num">{compact(usage.totalTokens)} in all</span>}>
        <TokenMix usage={usage} />
      </Panel>
    </div>
  );
}

function Parts({ parts, dimension }: { parts: Part[]; dimension: "model" | "agent" }) {
  const colorOf = useColors(dimension);
  const known = parts.reduce((sum, part) => sum + (part.usage.costUsd ?? 0), 0);
  if (parts.length === 0) return <p className="small dim">No call yet.</p>;
  return (
    <div className="stack">
      {known > 0 && (
        <SharesBar
          label={`Cost by ${dimension}`}
          pieces={parts.map((part) => ({
            name: named(part.name),
            value: part.usage.costUsd ?? 0,
            color: colorOf(part.name),
          }))}
        />
      )}
      <Figures
        rows={parts.map((part) => ({
          key: `${part.provider} ${part.name}`,
          color: colorOf(part.name),
          name: named(part.name),
          value: <Cost usage={part.usage} />,
          share: known > 0 && part.usage.costUsd !== null ? percent(part.usage.costUsd / known) : "",
        }))}
      />
    </div>
  );
}
