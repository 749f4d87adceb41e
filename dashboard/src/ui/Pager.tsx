import { ActionIcon, TextInput } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconChevronsLeft, IconChevronsRight } from "@tabler/icons-react";
import { type FormEvent, useEffect, useState } from "react";

import { grouped } from "../lib/numbers";

interface Content {
  page: number;
  limit: number;
  found: number;
  toPage: (page: number) => void;
  noun: string;
}

/** From here on, turning pages one by one takes too long. */
const MANY = 5;

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
    <nav className="spread pager" aria-label={`Pages of ${noun}`}>
      <span className="small dim num">
        {grouped(first)}–{grouped(Math.min(page * limit, found))} of {grouped(found)} {noun}
      </span>
      {pages > 1 && (
        <span className="row">
          {pages >= MANY && <Jump page={page} pages={pages} toPage={toPage} />}
          {steps.map(({ label, to, Icon, off }) => (
            <ActionIcon
              key={label}
              size="md"
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

/** A page by its number, after Enter. */
function Jump({ page, pages, toPage }: { page: number; pages: number; toPage: (page: number) => void }) {
  const [text, setText] = useState(String(page));
  useEffect(() => setText(String(page)), [page]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = Math.floor(Number(text));
    if (Number.isFinite(wanted)) toPage(Math.min(pages, Math.max(1, wanted)));
  };
  return (
    <form className="row small dim" onSubmit={submit}>
      <TextInput
        size="xs"
        w={62}
        inputMode="numeric"
        aria-label="Page number"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <span className="num">of {grouped(pages)}</span>
    </form>
  );
}
