import { Link } from "wouter";

import type { BudgetState } from "../../api/schema";
import { budgetSpent, budgetTitle } from "../../lib/budgets";
import { formatUsd } from "../../lib/money";
import { percent } from "../../lib/numbers";
import { BudgetBar } from "../../ui/Bars";
import { Given } from "../../ui/Given";
import { BudgetTag } from "../../ui/Marks";
import { Panel } from "../../ui/Panel";
import { Empty } from "../../ui/States";

const SHOWN = 5;

/** Budgets that are nearest to their limit. */
export function BudgetPanel({ budgets, className }: { budgets: BudgetState[]; className?: string }) {
  const nearest = [...budgets].sort((a, b) => (b.used ?? 2) - (a.used ?? 2)).slice(0, SHOWN);
  return (
    <Panel
      title="Budgets"
      className={className}
      tools={
        <Link href="/budgets" className="small">
          {budgets.length > SHOWN ? `all ${budgets.length}` : "edit"}
        </Link>
      }
    >
      {nearest.length === 0 ? (
        <Empty title="No budget yet" command="cs budget set 50 --period month">
          A budget warns, or stops an agent before it spends more.
        </Empty>
      ) : (
        <ul className="stack">
          {nearest.map((budget) => (
            <li key={`${budget.id} ${budget.sessionId}`} className="stack-tight">
              <div className="spread small">
                <Given name={budgetTitle(budget)} className="clip strong" />
                <BudgetTag state={budget.state} />
              </div>
              <BudgetBar budget={budget} />
              <div className="spread wraps small dim">
                <span className="num">
                  {budgetSpent(budget)} of {formatUsd(budget.limitUsd)}
                </span>
                <span className="num">{percent(budget.used)}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
