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

/** Characters that turn the order of the text around them, unseen: embeddings, overrides, isolates and their ends. */
const TURNING = /[\u202A-\u202E\u2066-\u2069]/g;

/** A text of others with its turning characters as their codes: `invoice‹U+202E›fdp.exe` */
export function visible(text: string): string {
  return text.replace(TURNING, (found) => `‹U+${found.charCodeAt(0).toString(16).toUpperCase()}›`);
}

/** Letters that are written from right to left, with what stands between them and is no letter. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]+(?:[^\p{L}]*[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]+)*/gu;

/** A sentence of the server: the names in it turn neither its figures nor each other. */
export function said(text: string): string {
  return visible(text).replace(RIGHT_TO_LEFT, "\u2068$&\u2069");
}

const TITLE_LENGTH = 500;

/** A text as a title: enough to read a cut name whole, not a page of it. */
export function titleOf(text: string): string {
  return visible(text.slice(0, TITLE_LENGTH));
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
