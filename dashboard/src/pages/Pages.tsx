import { Skeleton } from "@mantine/core";
import { Suspense } from "react";
import { Route, Switch } from "wouter";

import { later } from "../lib/later";
import { Empty } from "../ui/States";
import { Head } from "../ui/Panel";
import { OverviewPage } from "./overview/OverviewPage";

// The first page comes with the frame; every other one when it is gone to.
const SessionsPage = later(() => import("./sessions/SessionsPage"));
const SessionPage = later(() => import("./session/SessionPage"));
const ComparePage = later(() => import("./sessions/ComparePage"));
const BreakdownPage = later(() => import("./breakdown/BreakdownPage"));
const InsightsPage = later(() => import("./insights/InsightsPage"));
const BudgetsPage = later(() => import("./budgets/BudgetsPage"));
const PricesPage = later(() => import("./prices/PricesPage"));
const HelpPage = later(() => import("./HelpPage"));
const SettingsPage = later(() => import("./SettingsPage"));

const DIMENSIONS = {
  "/models": "model",
  "/agents": "agent",
  "/projects": "project",
  "/providers": "provider",
  "/sources": "source",
} as const;

export function Pages() {
  return (
    <Suspense fallback={<Skeleton height={240} radius="md" />}>
      <Switch>
        <Route path="/" component={OverviewPage} />
        <Route path="/sessions" component={SessionsPage} />
        <Route path={/^\/sessions\/(?<id>\d+)\/?$/}>{({ id }) => <SessionPage key={id} id={Number(id)} />}</Route>
        <Route path="/compare" component={ComparePage} />
        {Object.entries(DIMENSIONS).map(([path, by]) => (
          <Route key={path} path={path}>
            <BreakdownPage key={by} by={by} />
          </Route>
        ))}
        <Route path="/insights" component={InsightsPage} />
        <Route path="/budgets" component={BudgetsPage} />
        <Route path="/prices" component={PricesPage} />
        <Route path="/help" component={HelpPage} />
        <Route path="/settings" component={SettingsPage} />
        <Route>
          <Head title="Nothing here" />
          <Empty title="There is no such page">The pages are in the menu; press / to search.</Empty>
        </Route>
      </Switch>
    </Suspense>
  );
}
