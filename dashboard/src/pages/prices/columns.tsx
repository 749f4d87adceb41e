import { Button } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";

import type { Price } from "../../api/schema";
import { rateText } from "../../lib/money";
import type { Column } from "../../ui/DataTable";
import { Tag } from "../../ui/Marks";

interface Choices {
  open: string | null;
  toggle: (price: Price) => void;
  edit: (price: Price) => void;
  reset: (key: string) => void;
}

export function priceColumns({ open, toggle, edit, reset }: Choices): Column<Price>[] {
  const rate = (id: string, header: string, value: (price: Price) => string | null, className = "right"): Column<Price> => ({
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
          <button type="button" className="opener" aria-expanded={open === price.key} aria-label={`History of ${price.key}`} onClick={() => toggle(price)}>
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
          <span className="clip strong" title={price.model}>{price.model}</span>
          <span className="small dim clip">{price.provider}</span>
        </span>
      ),
    },
    rate("input", "Input", (price) => price.input),
    rate("read", "Cache read", (price) => price.cacheRead, "right hide-md"),
    rate("write", "Cache write", (price) => price.cacheWrite, "right hide-md"),
    rate("hour", "1 h write", (price) => price.cacheWrite1h, "right hide-lg"),
    rate("output", "Output", (price) => price.output),
    { id: "source", header: "From", className: "hide-sm", cell: (price) => <Tag tone={price.source === "custom" ? "good" : "plain"}>{price.source === "custom" ? "own" : "built-in"}</Tag> },
    {
      id: "actions",
      header: "",
      label: "Change",
      className: "right",
      cell: (price) => (
        <span className="actions">
          {price.source === "custom" && (
            <Button size="compact-xs" variant="default" aria-label={`Reset ${price.key}`} onClick={() => reset(price.key)}>
              Reset
            </Button>
          )}
          <Button size="compact-xs" variant="default" aria-label={`Edit ${price.key}`} onClick={() => edit(price)}>
            Edit
          </Button>
        </span>
      ),
    },
  ];
}
