import { Button, Popover, Select, TextInput } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { RANGES, type Range, useSpan, useUrl } from "../lib/url";
import { shortDay } from "../lib/time";

const WORDS: Record<Range, string> = {
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  "90d": "Last 90 days",
  "12m": "Last 12 months",
  month: "This month",
  all: "All time",
  own: "Own dates",
};

const FIRST_DAY = "1970-01-01";

/** The stretch of days, kept in the address. */
export function SpanPicker({ usual }: { usual: Range }) {
  const url = useUrl();
  const span = useSpan(usual);
  const choices = RANGES.filter((range) => range !== "own").map((range) => ({ value: range, label: WORDS[range] }));
  const own = span.range === "own";
  return (
    <>
      <Select
        size="xs"
        w={138}
        aria-label="Time"
        data={own ? [...choices, { value: "own", label: WORDS.own }] : choices}
        value={span.range}
        allowDeselect={false}
        onChange={(range) => url.set({ range: range === usual ? null : range, since: null, until: null })}
      />
      <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <Button
            size="xs"
            variant={own ? "light" : "default"}
            aria-label="Choose dates"
            leftSection={<IconCalendar size={14} />}
          >
            {own
              ? `${span.since ? shortDay(span.since) : "…"} – ${span.until ? shortDay(span.until) : "now"}`
              : "Dates"}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <div className="row">
            <DayInput
              label="From"
              value={span.since}
              max={span.until}
              onChange={(since) => url.set({ since, until: span.until ?? null, range: null })}
            />
            <DayInput
              label="To"
              value={span.until}
              min={span.since}
              onChange={(until) => url.set({ until, since: span.since ?? null, range: null })}
            />
          </div>
        </Popover.Dropdown>
      </Popover>
    </>
  );
}

interface Day {
  label: string;
  value: string | undefined;
  min?: string;
  max?: string;
  onChange: (day: string | null) => void;
}

function DayInput({ label, value, min = FIRST_DAY, max, onChange }: Day) {
  const [text, setText] = useState(value ?? "");
  useEffect(() => setText(value ?? ""), [value]);
  return (
    <TextInput
      size="xs"
      type="date"
      label={label}
      value={text}
      min={min}
      max={max}
      error={isBeyond(text, min, max)}
      onChange={(event) => {
        const { value: day, validity } = event.currentTarget;
        setText(day);
        // A date of which a part is missing is empty, too.
        if (!validity.badInput && !isBeyond(day, min, max)) onChange(day || null);
      }}
      onBlur={() => setText(value ?? "")}
    />
  );
}

/** While a year is typed it is 0002 first. */
function isBeyond(day: string, min: string, max: string | undefined): boolean {
  return day !== "" && (day < min || (max !== undefined && day > max));
}
