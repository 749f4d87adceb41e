import type { Part, SessionDetail } from "../../api/schema";
import { useColors } from "../../lib/colors";
import { compact, percent } from "../../lib/numbers";
import { named } from "../../lib/words";
import { Shares as SharesBar, TokenMix } from "../../ui/Bars";
import { Swatch } from "../../ui/Marks";
import { Cost } from "../../ui/Money";
import { Panel } from "../../ui/Panel";

/** Who and what the money went to. */
export function Shares({ detail }: { detail: SessionDetail }) {
  const { usage } = detail.session;
  const { subagents } = detail;
  return (
    <div className="third stack side-stack">
      <Panel title="Models">
        <Parts parts={detail.models} dimension="model" />
      </Panel>
      <Panel title="Agents">
        <Parts parts={detail.agents} dimension="agent" />
        {subagents.calls > 0 && (
          <p className="spread small">
            <span className="dim">of it sub-agents</span>
            <span className="num">
              <Cost usage={subagents} /> <span className="dim">{subagents.calls} calls</span>
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
      <ul className="stack-tight">
        {parts.map((part) => (
          <li key={`${part.provider} ${part.name}`} className="spread small">
            <span className="row clip">
              <Swatch color={colorOf(part.name)} />
              <span className="clip">{named(part.name)}</span>
            </span>
            <span className="num">
              <Cost usage={part.usage} />{" "}
              <span className="dim">
                {known > 0 && part.usage.costUsd !== null ? percent(part.usage.costUsd / known) : ""}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
