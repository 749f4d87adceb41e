import { ActionIcon } from "@mantine/core";
import { IconMenu2, IconSearch } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";

import { useLocked } from "../api/access";
import { useFollowing, useLive } from "../api/live";
import { seedColors } from "../lib/colors";
import { formatCost } from "../lib/money";
import { useNames } from "../lib/names";
import { useZone } from "../lib/zone";
import { Alarm } from "./Alarm";
import { useKeys } from "./keys";
import { LoginGate } from "./LoginGate";
import { openPalette, Palette } from "./Palette";
import { PLACES } from "./places";

/** What stands around every page: the way to the others, live figures, keys, the alarm. */
export function Shell({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const locked = useLocked();
  useFollowing(!locked);
  useKeys();
  useEffect(() => setOpen(false), [location]);
  useEscape(open, () => {
    setOpen(false);
    opener.current?.focus();
  });
  useSeededColors(locked);
  if (locked) return <LoginGate />;
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <div className="topbar">
        <ActionIcon ref={opener} variant="subtle" aria-label="Menu" aria-expanded={open} onClick={() => setOpen(!open)}>
          <IconMenu2 size={20} />
        </ActionIcon>
        <Brand />
        <ActionIcon variant="subtle" aria-label="Search" onClick={openPalette} ml="auto">
          <IconSearch size={18} />
        </ActionIcon>
      </div>
      {open && <button type="button" className="veil" aria-label="Close the menu" onClick={() => setOpen(false)} />}
      <Side open={open} location={location} />
      <main className="main" id="content" tabIndex={-1}>
        <div className="page">
          <Connection />
          {children}
        </div>
      </main>
      <Palette />
      <Alarm />
    </div>
  );
}

/** Escape closes what is open. */
function useEscape(open: boolean, close: () => void): void {
  const closing = useRef(close);
  useEffect(() => {
    closing.current = close;
  });
  useEffect(() => {
    if (!open) return undefined;
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape") closing.current();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [open]);
}

function Side({ open, location }: { open: boolean; location: string }) {
  const here = (path: string) =>
    path === "/" ? location === "/" : location === path || location.startsWith(`${path}/`);
  return (
    <div className="side" data-open={open || undefined}>
      <Brand />
      <button type="button" className="side-search" onClick={openPalette}>
        <IconSearch size={15} aria-hidden="true" />
        Search
        <kbd aria-hidden="true">/</kbd>
      </button>
      <nav className="nav" aria-label="Pages">
        {PLACES.map(({ path, label, key, Icon }, at) => (
          <div key={path}>
            {(at === 2 || at === 5 || at === 8) && <div className="nav-gap" />}
            <Link
              href={path}
              aria-current={here(path) || (path === "/sessions" && location === "/compare") ? "page" : undefined}
            >
              <Icon size={17} stroke={1.8} aria-hidden="true" />
              {label}
              <kbd aria-hidden="true">g {key}</kbd>
            </Link>
          </div>
        ))}
      </nav>
      <Now />
    </div>
  );
}

function Brand() {
  return (
    <Link href="/" className="brand">
      <img src="/icon.svg" alt="" />
      codesession
    </Link>
  );
}

/** Today's spending, wherever one is. */
function Now() {
  const { live, state } = useLive();
  const zone = useZone();
  return (
    <div className="side-foot">
      <div className="row">
        <i className="live-dot" data-state={state} />
        {state === "live" ? "live" : state === "lost" ? "not connected" : "connecting"}
        {live && live.runningFound > 0 && <span>· {live.runningFound} running</span>}
      </div>
      {live && (
        <div className="num">
          today <b>{formatCost(live.today)}</b>
        </div>
      )}
      <div title="Days begin and end here">{zone.shown}</div>
    </div>
  );
}

function Connection() {
  const { state } = useLive();
  if (state !== "lost") return null;
  return (
    <div className="banner" role="status">
      The server is not heard any more; figures stand still. Is <code>cs dashboard</code> still running? One that was
      started anew lets this browser in by the address it printed.
    </div>
  );
}

/** The dearest names take the first colours, whatever page comes first. */
function useSeededColors(locked: boolean): void {
  const { data } = useNames(!locked);
  useEffect(() => {
    if (data !== undefined) seedColors(data);
  }, [data]);
}
