import { type ReactNode, useId } from "react";

import { useTitle } from "../lib/title";
import { titleOf, visible } from "../lib/words";
import { Fitted } from "./Money";

interface Content {
  title: string;
  note?: ReactNode;
  tools?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A part of a page with its own heading. */
export function Panel({ title, note, tools, className = "", children }: Content) {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id}>{title}</h2>
        {note && <span className="panel-note">{note}</span>}
        {tools && <div className="panel-tools">{tools}</div>}
      </div>
      {children}
    </section>
  );
}

/** A page's name, which is the window's too, and what belongs to the whole of it. */
export function Head({ title, children, tools }: { title: string; children?: ReactNode; tools?: ReactNode }) {
  useTitle(title);
  return (
    <header className="head">
      <h1 title={titleOf(title)} dir="auto">
        {visible(title)}
      </h1>
      {children}
      {tools && <div className="head-tools">{tools}</div>}
    </header>
  );
}

/** One key figure. */
export function Kpi({
  label,
  aside,
  value,
  children,
}: {
  label: string;
  aside?: ReactNode;
  value: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="kpi" role="group" aria-label={label}>
      <div className="kpi-label">
        <span>{label}</span>
        {aside}
      </div>
      <div className="kpi-value">{typeof value === "string" ? <Fitted text={value} /> : value}</div>
      {children && <div className="kpi-foot">{children}</div>}
    </div>
  );
}
