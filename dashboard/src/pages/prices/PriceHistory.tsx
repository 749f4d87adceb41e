import { $api, STILL } from "../../api/client";
import type { DatedPrice, Price } from "../../api/schema";
import { rateText } from "../../lib/money";
import { plainModel } from "../../lib/prices";
import { type Column, DataTable } from "../../ui/DataTable";
import { Empty, Loaded } from "../../ui/States";

/** Every dated price of a model, and where each figure comes from. */
export function PriceHistory({ price }: { price: Price }) {
  const history = $api.useQuery(
    "get",
    "/api/v1/prices/history",
    { params: { query: { model: plainModel(price), provider: price.provider || undefined } } },
    { meta: STILL },
  );
  return (
    <Loaded query={history} height={90}>
      {({ prices }) =>
        prices.length === 0 ? (
          <Empty title="No dated price">It is your own price alone.</Empty>
        ) : (
          <DataTable
            label={`History of ${price.model}`}
            rows={prices}
            rowKey={(row) => `${row.tier} ${row.start} ${row.source}`}
            columns={COLUMNS}
          />
        )
      }
    </Loaded>
  );
}

const dollars = (text: string | null) => (text === null ? <span className="dim">–</span> : rateText(text));

const COLUMNS: Column<DatedPrice>[] = [
  { id: "tier", header: "Tier", cell: (row) => row.tier },
  { id: "start", header: "From", cell: (row) => <span className="num">{row.start ?? "the beginning"}</span> },
  { id: "end", header: "Until", cell: (row) => <span className="num">{row.end ?? "now"}</span> },
  { id: "input", header: "Input", className: "right", cell: (row) => dollars(row.input) },
  { id: "read", header: "Cache read", className: "right hide-md", cell: (row) => dollars(row.cacheRead) },
  { id: "write", header: "Cache write", className: "right hide-md", cell: (row) => dollars(row.cacheWrite) },
  { id: "output", header: "Output", className: "right", cell: (row) => dollars(row.output) },
  { id: "source", header: "Source", className: "hide-sm", cell: (row) => <Source text={row.source} /> },
];

/** An address is a way out of this page, so it opens elsewhere and tells nothing of where it was found. */
function Source({ text }: { text: string }) {
  if (!/^https:\/\//.test(text)) return <span className="small">{text}</span>;
  return (
    <a href={text} target="_blank" rel="noreferrer noopener" className="small">
      {new URL(text).hostname}
    </a>
  );
}
