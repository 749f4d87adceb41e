import { Fragment, type ReactNode } from "react";
import { Link } from "wouter";

import { titleOf, visible } from "../lib/words";

interface Content {
  name: string;
  /** What the title says instead, where less than the whole is shown. */
  whole?: string;
  className?: string;
}

/** A name that somebody gave: cut at its end, whole in its title, and whatever is in it turns nothing around it. */
export function Given({ name, whole = name, className = "clip" }: Content) {
  return (
    <span className={className} dir="auto" title={titleOf(whole)}>
      {visible(name)}
    </span>
  );
}

/** Such a name that leads somewhere. */
export function GivenLink({ name, whole = name, className = "clip", href }: Content & { href: string }) {
  return (
    <Link href={href} className={className} dir="auto" title={titleOf(whole)}>
      {visible(name)}
    </Link>
  );
}

interface Line {
  names: readonly string[];
  whole?: readonly string[];
  className?: string;
  /** What stands before them and is nobody's text. */
  children?: ReactNode;
}

/** Several such names in one line, none of which turns the next. */
export function GivenLine({ names, whole = names, className = "small dim clip", children }: Line) {
  return (
    <span className={className} title={titleOf(whole.join(" · "))}>
      {children}
      {names.map((name, at) => (
        <Fragment key={at}>
          {at > 0 && " · "}
          <bdi>{visible(name)}</bdi>
        </Fragment>
      ))}
    </span>
  );
}
