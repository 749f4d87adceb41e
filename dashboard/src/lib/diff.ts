/** A unified diff as git prints it, taken apart. */

export interface DiffLine {
  kind: "context" | "add" | "del" | "hunk" | "note";
  text: string;
  old: number | null;
  new: number | null;
}

export interface DiffFile {
  path: string;
  added: number;
  removed: number;
  lines: DiffLine[];
}

const HUNK = /^@@+ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@+/;

export function parseDiff(text: string): DiffFile[] {
  const files: DiffFile[] = [];
  let file: DiffFile | null = null;
  let inHunk = false;
  let before = 0;
  let after = 0;
  for (const line of text.split("\n")) {
    const hunk = HUNK.exec(line);
    if (line.startsWith("diff --git ")) {
      file = { path: pathOf(line), added: 0, removed: 0, lines: [] };
      files.push(file);
      inHunk = false;
    } else if (file === null) {
      continue;
    } else if (hunk !== null) {
      inHunk = true;
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      file.lines.push({ kind: "hunk", text: line, old: null, new: null });
    } else if (!inHunk) {
      header(file, line);
    } else if (line.startsWith("+")) {
      file.added += 1;
      file.lines.push({ kind: "add", text: line.slice(1), old: null, new: after++ });
    } else if (line.startsWith("-")) {
      file.removed += 1;
      file.lines.push({ kind: "del", text: line.slice(1), old: before++, new: null });
    } else if (line.startsWith(" ")) {
      file.lines.push({ kind: "context", text: line.slice(1), old: before++, new: after++ });
    } else if (line.startsWith("\\")) {
      file.lines.push({ kind: "note", text: line.slice(2), old: null, new: null });
    }
  }
  return files;
}

/** `diff --git a/x b/x`: the second path; quoted where git quotes it. */
function pathOf(line: string): string {
  const quoted = / "b\/(.*)"$/.exec(line);
  if (quoted?.[1] !== undefined) return quoted[1];
  const at = line.lastIndexOf(" b/");
  return at < 0 ? line.slice("diff --git ".length) : line.slice(at + 3);
}

/** Lines between a file's name and its first hunk that say something. */
function header(file: DiffFile, line: string): void {
  if (/^(new file|deleted file|rename|copy|old mode|new mode|Binary files)/.test(line))
    file.lines.push({ kind: "note", text: line, old: null, new: null });
}
