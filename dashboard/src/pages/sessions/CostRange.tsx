import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useState } from "react";

import { useUrl } from "../../lib/url";

/** The least and the most that a session cost, dollars. */
export function CostRange() {
  return (
    <span className="row">
      <Amount name="min" label="Least cost in dollars" placeholder="$ min" />
      <Amount name="max" label="Highest cost in dollars" placeholder="$ max" />
    </span>
  );
}

function Amount({ name, label, placeholder }: { name: "min" | "max"; label: string; placeholder: string }) {
  const url = useUrl();
  const kept = url.get(name) ?? "";
  const [text, setText] = useState(kept);
  const keep = useDebouncedCallback((value: string) => url.set({ [name]: value || null }, { replace: true }), 400);
  useEffect(() => setText(kept), [kept]);
  const wrong = text !== "" && !/^\d*\.?\d*$/.test(text);
  return (
    <TextInput
      size="xs"
      w={76}
      inputMode="decimal"
      aria-label={label}
      placeholder={placeholder}
      value={text}
      error={wrong}
      onChange={(event) => {
        setText(event.currentTarget.value);
        keep(event.currentTarget.value);
      }}
    />
  );
}
