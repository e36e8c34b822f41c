/**
 * What a systemd unit hands to its program, read as systemd does (systemd.exec(5)): so that a management command gets
 * the very settings the server has. A value that was read otherwise would be another key, or another database.
 */
export interface Unit {
  readonly user: string;
  readonly group: string;
  readonly folder: string;
  /** Of `Environment=`; what is in the files wins. */
  readonly environment: Readonly<Record<string, string>>;
  readonly environmentFiles: readonly { readonly path: string; readonly optional: boolean }[];
  /** Below /var/lib; null where the unit has none. */
  readonly stateFolder: string | null;
}

/** From the unit's own text and those of its drop-ins, in their order: an empty assignment begins a list again. */
export function readUnit(texts: readonly string[]): Unit {
  const lists: Record<string, string[]> = {};
  for (const [name, value] of texts.flatMap(serviceLines)) {
    lists[name] = value === "" ? [] : [...(lists[name] ?? []), value];
  }
  const last = (name: string, fallback: string) => lists[name]?.at(-1) ?? fallback;
  const user = last("User", "root");
  return {
    user,
    group: last("Group", user),
    folder: last("WorkingDirectory", "/"),
    environment: Object.fromEntries((lists.Environment ?? []).flatMap(words).map(assignment)),
    environmentFiles: (lists.EnvironmentFile ?? []).map((path) => ({
      path: path.replace(/^-/, ""),
      optional: path.startsWith("-"),
    })),
    stateFolder: lists.StateDirectory ? `/var/lib/${last("StateDirectory", "")}` : null,
  };
}

function serviceLines(text: string): [string, string][] {
  let section = "";
  return text
    .replace(/\\\n/g, " ")
    .split("\n")
    .flatMap((raw): [string, string][] => {
      const line = raw.trim();
      section = /^\[(.*)\]$/.exec(line)?.[1] ?? section;
      const [, name, value] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
      return name !== undefined && section === "Service" ? [[name, value!]] : [];
    });
}

/** Apart at blanks, whole in quotes. */
function words(line: string): string[] {
  const found = line.match(/(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[^\s"'\\])+/g) ?? [];
  return found.map((word) =>
    word.replace(/"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|\\(.)/g, (_, double, single, escaped) =>
      (double ?? single ?? escaped).replace(/\\(.)/g, "$1"),
    ),
  );
}

const assignment = (word: string): [string, string] => {
  const [name = "", ...rest] = word.split("=");
  return [name, rest.join("=")];
};

/**
 * A file of `EnvironmentFile=`. Unlike `.env` a `#` begins a comment only where a line begins, and `export` means
 * nothing. Follows systemd's own reader, state by state (parse_env_file_internal in env-file.c).
 */
export function readEnvironmentFile(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  // One assignment: a name, then parts in quotes or not, with a backslash before a line's end to go on with the next.
  const pattern =
    /^[ \t]*(?:[#;].*|([^\s=#;][^=\n]*?)[ \t]*=[ \t]*((?:"(?:\\[\s\S]|[^"\\])*"|'[^']*'|\\[\s\S]|[^\n\\])*))?(?:\n|$)/gm;
  for (const [, name, value] of text.replaceAll("\r\n", "\n").matchAll(pattern)) {
    if (name !== undefined && /^[A-Za-z_]\w*$/.test(name)) found[name] = unquoted(value ?? "");
  }
  return found;
}

/** Quotes count only where a value, or the part after a closing quote, begins: `it's` is a word. */
function unquoted(value: string): string {
  let rest = value;
  let result = "";
  for (;;) {
    rest = rest.replace(/^[ \t]+/, "");
    const quoted = /^(?:"((?:\\[\s\S]|[^"\\])*)"|'([^']*)')/.exec(rest);
    if (quoted === null) break;
    result += quoted[2] ?? quoted[1]!.replace(/\\([\s\S])/g, (all, next) => escapedInQuotes(all, next));
    rest = rest.slice(quoted[0].length);
  }
  const bare = rest.replace(/(\\[\s\S])|[ \t]+$/g, (_, escaped) => escaped ?? "");
  return result + bare.replace(/\\([\s\S])/g, (_, next) => (next === "\n" ? "" : next));
}

function escapedInQuotes(all: string, next: string): string {
  if (next === "\n") return "";
  return '"\\`$'.includes(next) ? next : all;
}
