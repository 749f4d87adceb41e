import type { Overview } from "../../api/schema";
import { Empty } from "../../ui/States";

/** An empty ledger: what to type so that there is something to see. */
export function FirstSteps({ overview }: { overview: Overview }) {
  const calls = overview.month.current.calls + overview.month.last.calls + overview.week.last.calls;
  if (calls > 0 || overview.runningFound > 0 || overview.velocity.length > 0) return null;
  return (
    <section className="panel" aria-label="First steps">
      <Empty title="Nothing recorded yet" command="cs run -- claude">
        Put <code>cs run --</code> before your agent's command, or take over what agents logged so far with{" "}
        <code>cs import</code>. Figures appear here by themselves.
      </Empty>
    </section>
  );
}
