import type { Call } from "../../api/schema";
import { exactUsd } from "../../lib/money";
import { grouped } from "../../lib/numbers";
import { said, sourceWords, visible } from "../../lib/words";

/** How one call's cost came about: quantity times price, line by line. */
export function Bill({ call }: { call: Call }) {
  return (
    <div className="bill">
      {call.lines.length > 0 ? (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Item</th>
              <th scope="col" className="right">
                Quantity
              </th>
              <th scope="col" className="right">
                $ per million
              </th>
              <th scope="col" className="right">
                $
              </th>
            </tr>
          </thead>
          <tbody>
            {call.lines.map((line) => (
              <tr key={`${line.item} ${line.per1M}`}>
                <td>{line.item.replaceAll("_", " ")}</td>
                <td className="right">{grouped(line.quantity)}</td>
                <td className="right">{line.per1M}</td>
                <td className="right">{line.usd}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td colSpan={3}>Cost</td>
              <td className="right">{call.costPicousd === null ? "unpriced" : exactUsd(call.costPicousd)}</td>
            </tr>
          </tfoot>
        </table>
      ) : (
        <p className="dim">
          {call.costPicousd === null
            ? "No price is known for this call."
            : `${exactUsd(call.costPicousd)}, without lines: it was ${call.costSource ?? "given"}.`}
        </p>
      )}
      <dl className="pairs">
        <Fact name="Provider" value={call.provider} />
        <Fact name="Asked for" value={call.requestModel} />
        <Fact name="Priced as" value={call.priceModel} />
        <Fact name="Price from" value={call.costSource} />
        <Fact name="Prices of" value={call.priceVersion} />
        <Fact name="Decided by" value={call.rules.join(", ")} />
        <Fact name="Seen by" value={call.sources.map(sourceWords).join(", ")} />
        <Fact name="Took" value={call.durationMs === null ? null : `${(call.durationMs / 1000).toFixed(1)} s`} />
        <Fact name="Sub-agent" value={call.subagentId} />
        <Fact name="Conversation" value={call.conversationId} />
        <Fact name="Response" value={call.responseId} />
        <Fact name="Branch" value={call.gitBranch} />
      </dl>
      {call.warnings.map((warning) => (
        <p key={warning} className="warn small">
          {said(warning)}
        </p>
      ))}
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string | null }) {
  if (value === null || value === "") return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd dir="auto">{visible(value)}</dd>
    </div>
  );
}
