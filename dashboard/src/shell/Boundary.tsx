import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { useLocation, useSearch } from "wouter";

import { useLive } from "../api/live";
import { forgetFailures, NotFetched } from "../lib/later";
import { Head } from "../ui/Panel";

/** A page that cannot be drawn leaves menu and banner standing, and says so in its place. */
export function Boundary({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  const search = useSearch();
  const { state } = useLive();
  // Another address, or a server that is heard again, is worth another try.
  return <Catch circumstances={`${location}?${search} ${state === "lost"}`}>{children}</Catch>;
}

interface Props {
  circumstances: string;
  children: ReactNode;
}

class Catch extends Component<Props, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate({ circumstances }: Props) {
    if (this.state.error !== null && circumstances !== this.props.circumstances) this.again();
  }

  again = () => {
    forgetFailures();
    this.setState({ error: null });
  };

  override render() {
    const { error } = this.state;
    return error === null ? this.props.children : <Broken error={error} again={this.again} />;
  }
}

function Broken({ error, again }: { error: unknown; again: () => void }) {
  const missing = error instanceof NotFetched;
  const retry = async () => {
    // Some browsers remember that a file could not be had, and another version of the server has other files: where
    // it answers, everything begins anew.
    if (missing && (await answers())) window.location.reload();
    else again();
  };
  return (
    <>
      <Head title={missing ? "Not fetched" : "Not shown"} />
      <section className="panel">
        <div className="state" role="alert">
          <h3>{missing ? "This page could not be fetched" : "This page could not be shown"}</h3>
          <p>
            {missing ? (
              <>
                Is <code>cs dashboard</code> still running?
              </>
            ) : (
              String(error)
            )}
          </p>
          <Button size="xs" variant="default" onClick={() => void retry()}>
            Try again
          </Button>
        </div>
      </section>
    </>
  );
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch("/", { cache: "no-store" })).ok;
  } catch {
    // TypeError: nobody is there.
    return false;
  }
}
