import { Accordion, Kbd } from "@mantine/core";

import { $api, STILL } from "../api/client";
import type { HelpCommand } from "../api/schema";
import { useUrl } from "../lib/url";
import { PLACES } from "../shell/places";
import { Head, Panel } from "../ui/Panel";
import { Prose } from "../ui/Prose";
import { SearchField } from "../ui/SearchField";
import { Empty, Loaded } from "../ui/States";

/** Every command as it describes itself, and the keys of this page. */
export default function HelpPage() {
  const url = useUrl();
  const search = (url.get("search") ?? "").toLowerCase();
  const help = $api.useQuery("get", "/api/v1/help", undefined, { meta: STILL, staleTime: Infinity });
  return (
    <>
      <Head title="Help" />
      <div className="grid">
        <Panel title="Commands" className="two-thirds" note={help.data && `version ${help.data.version}`}>
          <SearchField label="Search commands" placeholder="Command, option or word" />
          <Loaded query={help} height={400}>
            {({ commands }) => <Commands commands={flat(commands).filter((command) => matches(command, search))} />}
          </Loaded>
        </Panel>
        <Keys />
      </div>
    </>
  );
}

/** Commands with their subcommands behind them; the API gives each its whole name. */
function flat(commands: HelpCommand[]): HelpCommand[] {
  return commands.flatMap((command) => [command, ...flat(command.commands)]);
}

function matches(command: HelpCommand, search: string): boolean {
  const options = command.options.map((option) => `${option.names.join(" ")} ${option.help}`).join(" ");
  return `${command.name} ${command.summary} ${command.text} ${options}`.toLowerCase().includes(search);
}

function Commands({ commands }: { commands: HelpCommand[] }) {
  if (commands.length === 0) return <Empty title="No such command" />;
  return (
    <Accordion multiple variant="default" chevronPosition="left">
      {commands.map((command) => (
        <Accordion.Item key={command.name} value={command.name}>
          <Accordion.Control>
            <span className="row-wrap">
              <code>{command.name}</code>
              <span className="small dim">{command.summary}</span>
            </span>
          </Accordion.Control>
          <Accordion.Panel>
            <Details command={command} />
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}

function Details({ command }: { command: HelpCommand }) {
  return (
    <div className="stack">
      <code className="command">{command.usage}</code>
      <p className="help-text">
        <Prose>{command.text}</Prose>
      </p>
      {command.options.length > 0 && (
        <table className="table">
          <tbody>
            {command.options.map((option) => (
              <tr key={option.names.join()}>
                <td className="mono">
                  {option.names.join(", ")} {option.value ?? ""}
                </td>
                <td>
                  <Prose>{option.help}</Prose> {option.required && <b>required</b>}
                  {option.default && <span className="dim"> default: {option.default}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Keys() {
  const keys = [
    { keys: ["/"], does: "Search this page, or everything" },
    { keys: ["Ctrl", "K"], does: "Pages, actions, sessions" },
    ...PLACES.map(({ key, label }) => ({ keys: ["g", key], does: label })),
  ];
  return (
    <Panel title="Keys" className="third beside">
      <ul className="stack-tight">
        {keys.map(({ keys: pressed, does }) => (
          <li key={does} className="spread small">
            <span>{does}</span>
            <span className="row">
              {pressed.map((key) => (
                <Kbd key={key} size="xs">
                  {key}
                </Kbd>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
