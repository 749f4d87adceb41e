import { Modal, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useState } from "react";

import { $api, queryClient } from "../../api/client";
import type { Price } from "../../api/schema";
import type { Dialog } from "../../lib/dialog";
import { plainModel } from "../../lib/prices";
import { said, visible } from "../../lib/words";
import { FormEnd } from "../../ui/FormEnd";

const RATES = [
  { field: "input", label: "Input", required: true },
  { field: "output", label: "Output", required: true },
  { field: "cacheRead", label: "Cache read", required: false },
  { field: "cacheWrite", label: "Cache write", required: false },
  { field: "cacheWrite1h", label: "Cache write, 1 hour", required: false },
] as const;

type Draft = Record<"model" | "provider" | (typeof RATES)[number]["field"], string>;

function draftOf(price: Price | null): Draft {
  return {
    model: price === null ? "" : plainModel(price),
    provider: price?.provider ?? "",
    input: price?.input ?? "",
    output: price?.output ?? "",
    cacheRead: price?.cacheRead ?? "",
    cacheWrite: price?.cacheWrite ?? "",
    cacheWrite1h: price?.cacheWrite1h ?? "",
  };
}

/** A price of one's own; it wins over the built-in one from now on. */
export function PriceForm({ dialog }: { dialog: Dialog<Price | "new"> }) {
  const { opened, about, times, close } = dialog;
  const edited = about === "new" ? null : about;
  const title = edited === null ? "Add a price" : `Own price for ${visible(plainModel(edited))}`;
  return (
    <Modal opened={opened} onClose={close} title={title} size="lg" centered>
      <Fields key={times} edited={edited} close={close} />
    </Modal>
  );
}

function Fields({ edited, close }: { edited: Price | null; close: () => void }) {
  const [draft, setDraft] = useState(draftOf(edited));
  const change = (field: keyof Draft, value: string) => setDraft({ ...draft, [field]: value });
  const save = $api.useMutation("put", "/api/v1/prices", {
    onSuccess: ({ key }) => {
      notifications.show({
        message: `${said(key)} has its own price. Calls from now on use it; cs pricing reprice changes earlier ones.`,
      });
      close();
      void queryClient.invalidateQueries();
    },
  });
  const optional = (text: string) => text.trim() || null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({
      body: {
        model: draft.model.trim(),
        provider: optional(draft.provider),
        input: draft.input.trim(),
        output: draft.output.trim(),
        cacheRead: optional(draft.cacheRead),
        cacheWrite: optional(draft.cacheWrite),
        cacheWrite1h: optional(draft.cacheWrite1h),
      },
    });
  };
  const incomplete = [draft.model, draft.input, draft.output].some((text) => text.trim() === "");
  return (
    <form className="form" onSubmit={submit}>
      <TextInput
        label="Model"
        required
        data-autofocus={edited === null || undefined}
        disabled={edited !== null}
        value={draft.model}
        onChange={(event) => change("model", event.currentTarget.value)}
      />
      <TextInput
        label="Provider"
        description="Empty: whoever serves it"
        disabled={edited !== null}
        value={draft.provider}
        onChange={(event) => change("provider", event.currentTarget.value)}
      />
      {RATES.map(({ field, label, required }) => (
        <TextInput
          key={field}
          label={`${label}, $ per million`}
          required={required}
          inputMode="decimal"
          value={draft[field]}
          onChange={(event) => change(field, event.currentTarget.value)}
        />
      ))}
      <FormEnd save={save} incomplete={incomplete} close={close} />
    </form>
  );
}
