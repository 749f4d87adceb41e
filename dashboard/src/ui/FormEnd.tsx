import { Button } from "@mantine/core";

import { failureOf } from "../api/client";

/** What every form of a dialog ends with: why it was not saved, and the way out. */
export function FormEnd({
  save,
  incomplete,
  close,
}: {
  save: { isError: boolean; isPending: boolean; error: unknown };
  incomplete: boolean;
  close: () => void;
}) {
  return (
    <>
      {save.isError && <p className="bad small whole">{failureOf(save.error).message}</p>}
      <div className="actions whole">
        <Button size="xs" variant="default" onClick={close}>
          Cancel
        </Button>
        <Button size="xs" type="submit" loading={save.isPending} disabled={incomplete}>
          Save
        </Button>
      </div>
    </>
  );
}
