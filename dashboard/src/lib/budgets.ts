import type { BudgetState } from "../api/schema";
import { formatBound } from "./money";
import { shortPath } from "./words";

const PERIODS: Record<BudgetState["period"], string> = {
  total: "in all",
  day: "per day",
  week: "per week",
  month: "per month",
};

function subject(budget: BudgetState): string {
  if (budget.scope === "project") return shortPath(budget.project ?? "project");
  if (budget.scope === "session") return budget.sessionId === null ? "Each session" : `Session ${budget.sessionId}`;
  return budget.agent ?? "Everything";
}

/** Its name, or what it is about: `Everything per month`, `…/code/shop per day`, `careful · session 12` */
export function budgetTitle(budget: BudgetState): string {
  if (budget.name === null) return `${subject(budget)} ${PERIODS[budget.period]}`;
  // One for each session stands there once for each that runs.
  return budget.sessionId === null ? budget.name : `${budget.name} · session ${budget.sessionId}`;
}

/** What is spent of it, with `≥` where calls have no known price, or cost more than is known. */
export function budgetSpent(budget: BudgetState): string {
  return formatBound(budget.spentUsd, budget.unpricedCalls + budget.lowerBoundCalls > 0);
}

/** `per month`, `everything`; `per day`, `/home/me/code/shop`, `by codex` */
export function reach(budget: BudgetState): string[] {
  const where =
    budget.scope === "project"
      ? budget.project
      : budget.scope === "global"
        ? "everything"
        : subject(budget).toLowerCase();
  return [PERIODS[budget.period], where ?? "", budget.agent ? `by ${budget.agent}` : ""].filter(Boolean);
}
