import type { ReactNode } from "react";

import { Given } from "./Given";
import { Swatch } from "./Marks";

interface Row {
  key: string;
  color: string;
  name: string;
  value: ReactNode;
  share: string;
}

/** What is in a bar, by name: figures below figures, shares below shares. */
export function Figures({ rows }: { rows: readonly Row[] }) {
  return (
    <ul className="figures small">
      {rows.map((row) => (
        <li key={row.key}>
          <span className="row clip">
            <Swatch color={row.color} />
            <Given name={row.name} />
          </span>
          <span className="num">{row.value}</span>
          <span className="num dim">{row.share}</span>
        </li>
      ))}
    </ul>
  );
}
