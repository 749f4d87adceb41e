import type { ReactNode } from "react";

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
          <span className="row clip" title={row.name}>
            <Swatch color={row.color} />
            <span className="clip">{row.name}</span>
          </span>
          <span className="num">{row.value}</span>
          <span className="num dim">{row.share}</span>
        </li>
      ))}
    </ul>
  );
}
