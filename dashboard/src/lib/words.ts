/** The last two folders of a path: enough to know it by. Other names stay as they are. */
export function shortPath(path: string): string {
  if (!path.startsWith("/") && !/^[A-Za-z]:\\/.test(path)) return path;
  const parts = path.split(/[/\\]/).filter(Boolean);
  return parts.length <= 2 ? path : `…/${parts.slice(-2).join("/")}`;
}

/** What stands for a name that the calls do not say. */
export function named(name: string | null | undefined, kind = "not said"): string {
  return name === null || name === undefined || name === "" ? kind : name;
}

const SOURCES: Record<string, string> = {
  proxy: "proxy",
  log: "agent's log",
  manual: "logged by hand",
  mcp: "MCP",
  api: "Python API",
  hook: "hook",
};

/** `proxy,log` in words. */
export function sourceWords(sources: string): string {
  return sources
    .split(/[,+ ]+/)
    .map((source) => SOURCES[source] ?? source)
    .join(" and ");
}

/** With a capital first letter. */
export function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
