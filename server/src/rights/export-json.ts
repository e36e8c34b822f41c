import type { ExportedData } from "./collect.ts";

/** What `JSON.stringify(data, null, 2)` writes, the tables last, in pieces of a row each: of all of them it is long work. */
export function* exportJson({ tables, ...rest }: ExportedData): Generator<string> {
  const others = JSON.stringify(rest, null, 2);
  yield `${others.slice(0, -"\n}".length)},\n  "tables": {`;
  let before = "";
  for (const [name, rows] of Object.entries(tables)) {
    yield `${before}\n    ${JSON.stringify(name)}: [`;
    for (const [n, row] of rows.entries()) {
      const text = JSON.stringify(row, null, 2).replaceAll("\n", "\n      ");
      yield `${n === 0 ? "" : ","}\n      ${text}`;
    }
    yield rows.length === 0 ? "]" : "\n    ]";
    before = ",";
  }
  yield `${before === "" ? "" : "\n  "}}\n}\n`;
}
