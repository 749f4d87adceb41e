import { ActionIcon } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconChevronsLeft, IconChevronsRight } from "@tabler/icons-react";

import { grouped } from "../lib/numbers";

interface Content {
  page: number;
  limit: number;
  found: number;
  toPage: (page: number) => void;
  noun: string;
}

/** Where in a long list one is, and the way on. */
export function Pager({ page, limit, found, toPage, noun }: Content) {
  const pages = Math.max(1, Math.ceil(found / limit));
  const first = found === 0 ? 0 : (page - 1) * limit + 1;
  const steps = [
    { label: "First page", to: 1, Icon: IconChevronsLeft, off: page <= 1 },
    { label: "Previous page", to: page - 1, Icon: IconChevronLeft, off: page <= 1 },
    { label: "Next page", to: page + 1, Icon: IconChevronRight, off: page >= pages },
    { label: "Last page", to: pages, Icon: IconChevronsRight, off: page >= pages },
  ];
  return (
    <nav className="spread" aria-label={`Pages of ${noun}`}>
      <span className="small dim num">
        {grouped(first)}–{grouped(Math.min(page * limit, found))} of {grouped(found)} {noun}
      </span>
      {pages > 1 && (
        <span className="row">
          {steps.map(({ label, to, Icon, off }) => (
            <ActionIcon
              key={label}
              size="sm"
              variant="default"
              aria-label={label}
              disabled={off}
              onClick={() => toPage(to)}
            >
              <Icon size={15} />
            </ActionIcon>
          ))}
        </span>
      )}
    </nav>
  );
}
