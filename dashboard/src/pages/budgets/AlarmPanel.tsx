import { Button, Switch } from "@mantine/core";
import { useState } from "react";

import { ALARM } from "../../shell/Alarm";
import { armSound, ring } from "../../shell/alarmSound";
import { useChoice } from "../../lib/storage";
import { Panel } from "../../ui/Panel";

/** What this browser does on a new breach. Browsers ask for a click first; the switches are that click. */
export function AlarmPanel({ className }: { className?: string }) {
  const [sound, setSound] = useChoice(ALARM.sound);
  const [notify, setNotify] = useChoice(ALARM.notify);
  const [refused, setRefused] = useState(false);
  const change = async (on: boolean) => {
    const granted = on && "Notification" in window && (await Notification.requestPermission()) === "granted";
    setRefused(on && !granted);
    setNotify(granted ? "on" : null);
  };
  return (
    <Panel title="Alarm in this browser" note="on new breaches only, each once" className={className}>
      <div className="stack">
        <Switch
          label="Sound"
          description="Two short tones. After the page was opened anew it needs one click anywhere first."
          checked={sound === "on"}
          onChange={(event) => {
            armSound();
            setSound(event.currentTarget.checked ? "on" : null);
          }}
        />
        <Switch
          label="Notification"
          description="Shown by the system, also while another window is in front."
          checked={notify === "on"}
          onChange={(event) => void change(event.currentTarget.checked)}
        />
        {refused && (
          <p className="warn small">
            This browser does not let the page show notifications; its settings for this address decide.
          </p>
        )}
        <div>
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              armSound();
              // The sound system needs a moment when it was asleep.
              window.setTimeout(ring, 120);
            }}
          >
            Try the sound
          </Button>
        </div>
      </div>
    </Panel>
  );
}
