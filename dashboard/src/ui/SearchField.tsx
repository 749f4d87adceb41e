import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { useUrl } from "../lib/url";

const PAUSE_MS = 250;

/** A search field whose text is in the address as `search`; `/` leads to it. */
export function SearchField({ label, placeholder }: { label: string; placeholder: string }) {
  const url = useUrl();
  const kept = url.get("search") ?? "";
  const [text, setText] = useState(kept);
  const keep = useDebouncedCallback((value: string) => url.set({ search: value || null }, { replace: true }), PAUSE_MS);
  useEffect(() => setText(kept), [kept]);
  return (
    <TextInput
      size="xs"
      className="search"
      type="search"
      data-search
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={14} />}
      rightSection={text === "" ? <kbd>/</kbd> : undefined}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        keep(event.currentTarget.value);
      }}
    />
  );
}
