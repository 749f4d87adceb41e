import type { Overview } from "../../api/schema";

/** Whether there is nothing to show at all: no call before today, none today, and nothing that runs. */
export function isEmpty({ projection, today, runningFound }: Overview): boolean {
  return projection.daysObserved === 0 && today.current.calls === 0 && runningFound === 0;
}

const STEPS = [
  {
    title: "Run an agent",
    command: "cs run -- claude",
    text: "Its calls are counted as they are made, and so are its commits and changed files.",
  },
  {
    title: "Or take over what was logged",
    command: "cs import",
    text: "Reads the logs that agents kept on this machine; each call counts once, however often it is read.",
  },
  {
    title: "Or connect one for good",
    command: "cs setup",
    text: "Puts hooks, the status line and the skill into an agent's own settings.",
  },
];

/** An empty ledger: what to type so that there is something to see. */
export function FirstSteps() {
  return (
    <section className="panel" aria-label="First steps">
      <div className="panel-head">
        <h2>Nothing recorded yet</h2>
        <span className="panel-note">Figures appear here by themselves</span>
      </div>
      <ol className="thirds">
        {STEPS.map(({ title, command, text }) => (
          <li key={command} className="budget">
            <h3>{title}</h3>
            <p className="small dim">{text}</p>
            <code className="command">{command}</code>
          </li>
        ))}
      </ol>
    </section>
  );
}
