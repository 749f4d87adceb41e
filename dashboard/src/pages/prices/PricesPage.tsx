import { Button, SegmentedControl, Select } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { keepPreviousData } from "@tanstack/react-query";

import { $api, failureOf, queryClient, STILL } from "../../api/client";
import type { Price } from "../../api/schema";
import { useDialog } from "../../lib/dialog";
import { grouped } from "../../lib/numbers";
import { oneOf, useLastPage, usePage, useUrl } from "../../lib/url";
import { said } from "../../lib/words";
import { DataTable } from "../../ui/DataTable";
import { Pager } from "../../ui/Pager";
import { Head, Panel } from "../../ui/Panel";
import { SearchField } from "../../ui/SearchField";
import { Empty, Loaded } from "../../ui/States";
import { modelKey, priceColumns } from "./columns";
import { PriceForm } from "./PriceForm";
import { PriceHistory } from "./PriceHistory";

const LIMIT = 50;
const SHOWN = ["current", "all", "own"] as const;
const PROVIDERS = ["anthropic", "openai", "google", "mistral", "deepseek", "openrouter", "xai", "groq", "moonshot"];

/** What models charge, where each figure comes from, and prices of one's own. */
export default function PricesPage() {
  const url = useUrl();
  const { page, offset, toPage } = usePage(LIMIT);
  const shown = oneOf(url.get("shown"), SHOWN);
  const provider = url.get("provider");
  const open = url.get("model");
  const form = useDialog<Price | "new">();
  const prices = $api.useQuery(
    "get",
    "/api/v1/prices",
    {
      params: {
        query: {
          search: url.get("search") ?? undefined,
          provider: provider ?? undefined,
          all: shown === "all",
          own: shown === "own",
          limit: LIMIT,
          offset,
        },
      },
    },
    { meta: STILL, placeholderData: keepPreviousData },
  );
  useLastPage(LIMIT, prices.data?.found);
  const reset = $api.useMutation("delete", "/api/v1/prices", {
    onSuccess: ({ reset: keys }) => {
      notifications.show({ message: `The built-in price of ${said(keys.join(", "))} holds again.` });
      void queryClient.invalidateQueries();
    },
    onError: (error) => notifications.show({ color: "red", message: failureOf(error).message }),
  });
  const toggle = (price: Price) =>
    url.set({ model: open === price.key ? null : price.key, page: url.get("page") }, { replace: true });
  const own = new Set((prices.data?.prices ?? []).filter((price) => price.source === "custom").map(modelKey));
  const columns = priceColumns({
    open,
    toggle,
    edit: form.open,
    reset: (key) => reset.mutate({ params: { query: { key } } }),
    own,
  });
  return (
    <>
      <Head
        title="Prices"
        tools={
          <Button size="xs" onClick={() => form.open("new")}>
            Add a price
          </Button>
        }
      />
      <Panel
        title={prices.data ? `${grouped(prices.data.found)} prices` : "Prices"}
        note={prices.data && `dollars per million tokens, today · data ${prices.data.priceVersion}`}
      >
        <div className="row-wrap">
          <SearchField label="Search prices" placeholder="Model or provider" />
          <Select
            size="xs"
            w={150}
            clearable
            aria-label="Provider"
            placeholder="Any provider"
            data={PROVIDERS}
            value={provider}
            onChange={(value) => url.set({ provider: value })}
          />
          <SegmentedControl
            size="xs"
            aria-label="Which"
            data={[
              { value: "current", label: "In use now" },
              { value: "all", label: "All known" },
              { value: "own", label: `Own ${prices.data?.ownPrices ?? ""}` },
            ]}
            value={shown}
            onChange={(value) => url.set({ shown: value === "current" ? null : value })}
          />
        </div>
        <Loaded query={prices} height={480}>
          {(list) =>
            list.prices.length === 0 ? (
              shown === "own" ? (
                <Empty title="No own price" command="cs pricing set my-model 1.20 4.80">
                  An own price wins over the built-in one; it is kept in {list.overridesPath}.
                </Empty>
              ) : (
                <Empty title="No such model">Look among all known ones, or add its price.</Empty>
              )
            ) : (
              <>
                <DataTable
                  label="Prices"
                  rows={list.prices}
                  rowKey={(price) => price.key}
                  columns={columns}
                  below={(price) => (open === price.key ? <PriceHistory price={price} /> : null)}
                />
                <Pager page={page} limit={LIMIT} found={list.found} toPage={toPage} noun="prices" />
              </>
            )
          }
        </Loaded>
      </Panel>
      <PriceForm dialog={form} />
    </>
  );
}
