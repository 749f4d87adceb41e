import { ActionIcon, Button } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconPencil } from "@tabler/icons-react";

import type { Price } from "../../api/schema";
import { rateText } from "../../lib/money";
import { plainModel } from "../../lib/prices";
import type { Column } from "../../ui/DataTable";
import { Given } from "../../ui/Given";
import { Tag } from "../../ui/Marks";

interface Choices {
  open: string | null;
  toggle: (price: Price) => void;
  edit: (price: Price) => void;
  reset: (key: string) => void;
  /** Models that have an own price: their built-in one does not count. */
  own: ReadonlySet<string>;
}

export function priceColumns({ open, toggle, edit, reset, own }: Choices): Column<Price>[] {
  const rate = (
    id: string,
    header: string,
    value: (price: Price) => string | null,
    className = "right",
  ): Column<Price> => ({
    id,
    header,
    className,
    cell: (price) => {
      const found = value(price);
      return found === null ? <span className="dim">–</span> : rateText(found);
    },
  });
  return [
    {
      id: "open",
      header: "",
      label: "History",
      cell: (price) => {
        const Chevron = open === price.key ? IconChevronDown : IconChevronRight;
        return (
          <button
            type="button"
            className="opener"
            aria-expanded={open === price.key}
            aria-label={`History of ${price.key}`}
            onClick={() => toggle(price)}
          >
            <Chevron size={15} />
          </button>
        );
      },
    },
    {
      id: "model",
      header: "Model",
      className: "name",
      cell: (price) => (
        <span className="two">
          <Given name={plainModel(price)} whole={price.model} className="clip strong" />
          <Given name={price.provider} className="small dim clip" />
        </span>
      ),
    },
    rate("input", "Input", (price) => price.input),
    rate("read", "Cache read", (price) => price.cacheRead, "right hide-md"),
    rate("write", "Cache write", (price) => price.cacheWrite, "right hide-md"),
    rate("hour", "1 h write", (price) => price.cacheWrite1h, "right hide-lg"),
    rate("output", "Output", (price) => price.output),
    {
      id: "source",
      header: "From",
      className: "hide-sm",
      cell: (price) => <From price={price} replaced={own.has(modelKey(price))} />,
    },
    {
      id: "actions",
      header: "",
      label: "Change",
      className: "right",
      cell: (price) => (
        <span className="actions">
          {price.source === "custom" && (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Reset ${price.key}`}
              onClick={() => reset(price.key)}
            >
              Reset
            </Button>
          )}
          <ActionIcon
            size="sm"
            variant="subtle"
            color="gray"
            aria-label={`Edit ${price.key}`}
            title="Set your own price"
            onClick={() => edit(price)}
          >
            <IconPencil size={15} />
          </ActionIcon>
        </span>
      ),
    },
  ];
}

/** By what an own price and the built-in one it replaces are the same. */
export const modelKey = (price: Price) => `${price.provider}/${plainModel(price)}`;

function From({ price, replaced }: { price: Price; replaced: boolean }) {
  if (price.source === "custom") return <Tag tone="good">own</Tag>;
  return replaced ? <Tag title="Your own price counts instead">replaced</Tag> : <Tag>built-in</Tag>;
}
